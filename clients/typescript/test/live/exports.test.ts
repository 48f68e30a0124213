/** Against the real API of `make dev`: values in under tokens of their own, and everything out into files. */

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { Client, ItemError } from "../../src/index.js";

const CLIENTS: Record<string, Record<string, string>> = JSON.parse(process.env.LIVE_CLIENTS ?? "{}");
const FOLDER = process.env.LIVE_FOLDER ?? ".";
const request = { recipient: process.env.LIVE_RECIPIENT ?? "", purpose: "moving", types: ["moved"] };

test("what came in under its own token goes out in files that the recipient opens", async () => {
  const [loader, mover] = [Client.fromEnv({}, CLIENTS.loader), Client.fromEnv({}, CLIENTS.mover)];
  const items = Array.from({ length: 30 }, (_, n) => ({
    type: "moved",
    value: `value ${n} ü`,
    token: `old_${String(n).padStart(8, "0")}`,
  }));
  for (const [n, result] of (await loader.importTokens(items)).entries()) {
    assert(!(result instanceof ItemError) && result.token === items[n]?.token, JSON.stringify(result));
  }
  const [again] = await loader.importTokens(items.slice(0, 1));
  assert(again instanceof ItemError && again.code === "token_taken");
  for (const parts of [1, 2] as const) {
    const begun = await mover.exports.begin(request, { parts });
    for (const part of begun.cursors.keys()) {
      const lines: string[] = [];
      for await (const line of mover.exports.lines(begun, part + 1)) {
        lines.push(line);
      }
      await writeFile(join(FOLDER, `vault-${part + 1}-of-${parts}.export`), lines.join(""));
    }
  }
});
