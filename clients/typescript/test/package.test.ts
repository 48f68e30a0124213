/** The package is what it says. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { VERSION } from "../src/index.js";

const described = JSON.parse(readFileSync("package.json", "utf8"));

test("its version is that of its own code", () => {
  assert.equal(VERSION, described.version);
});

test("it needs nothing at run time, and names no module of Node.js", () => {
  const built = execFileSync("grep", ["-rhoE", 'from "[^"]+"|import\\("[^"]+"', "dist"], {
    encoding: "utf8",
  });
  const foreign = built.split("\n").filter((line) => line !== "" && !line.includes('"./'));
  assert.deepEqual(foreign, []);
  for (const kind of ["dependencies", "peerDependencies", "optionalDependencies"]) {
    assert.equal(described[kind], undefined);
  }
});

test("it holds the built code with its types, and nothing else", () => {
  const packed = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    encoding: "utf8",
  });
  const files: string[] = JSON.parse(packed)[0].files.map((file: { path: string }) => file.path);
  const unexpected = files.filter(
    (file) => !/^(dist\/[a-z-]+\.(js|d\.ts)|package\.json|README\.md)$/.test(file),
  );
  assert.deepEqual(unexpected, []);
  assert(files.includes("dist/index.d.ts") && files.includes("dist/index.js"));
});

test("imported by its name, it offers what its source does", async () => {
  const [built, source] = await Promise.all([import("tokenvault-client"), import("../src/index.js")]);
  assert.deepEqual(Object.keys(built), Object.keys(source));
});
