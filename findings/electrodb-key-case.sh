#!/usr/bin/env bash
# ElectroDB writes keys in small letters: of two ids that differ in their case, the second takes the place of the first.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init --yes >/dev/null
npm install --silent --no-audit --no-fund electrodb@3.9.3 dynamodb-toolbox@2.10.6 dynalite@4.0.0 \
  @aws-sdk/client-dynamodb@3.1169.0 @aws-sdk/lib-dynamodb@3.1169.0
cat >keys.mjs <<'JS'
import assert from "node:assert/strict";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import dynalite from "dynalite";
import * as toolbox from "dynamodb-toolbox";
import { Entity } from "electrodb";

// Two customers, by the ids that an application made up for them.
const ONE = "c_Zx81", OTHER = "c_zX81";

const server = dynalite({ createTableMs: 0 });
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const client = new DynamoDBClient({
  region: "eu-central-1",
  endpoint: `http://127.0.0.1:${server.address().port}`,
  credentials: { accessKeyId: "none", secretAccessKey: "none" },
});
const names = { pk: "HASH", sk: "RANGE" };
for (const TableName of ["electrodb", "electrodb-none", "toolbox"]) {
  await client.send(new CreateTableCommand({
    TableName,
    KeySchema: Object.entries(names).map(([AttributeName, KeyType]) => ({ AttributeName, KeyType })),
    AttributeDefinitions: Object.keys(names).map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
    BillingMode: "PAY_PER_REQUEST",
  }));
}
await new Promise((ready) => setTimeout(ready, 500));

async function byElectroDB(table, key) {
  const pk = { field: "pk", composite: ["subject"], ...key };
  const attributes = { subject: { type: "string" }, token: { type: "string" } };
  const cards = new Entity({
    model: { entity: "card", version: "1", service: "shop" },
    attributes,
    indexes: { bySubject: { pk, sk: { field: "sk", composite: [] } } },
  }, { client, table });
  await cards.put({ subject: ONE, token: "7261798938871111" }).go();
  await cards.put({ subject: OTHER, token: "4058922228901111" }).go();
  const { data } = await cards.get({ subject: ONE }).go();
  const refused = await cards.create({ subject: ONE.toUpperCase(), token: "none" }).go().then(() => false, () => true);
  return { asked: ONE, got: data, refused };
}

async function byToolbox() {
  const table = new toolbox.Table({
    name: "toolbox",
    partitionKey: { name: "pk", type: "string" },
    sortKey: { name: "sk", type: "string" },
    documentClient: DynamoDBDocumentClient.from(client),
  });
  const cards = new toolbox.Entity({
    name: "card",
    table,
    schema: toolbox.item({ subject: toolbox.string().key(), token: toolbox.string() }),
    computeKey: ({ subject }) => ({ pk: `subject#${subject}`, sk: "card" }),
  });
  await cards.build(toolbox.PutItemCommand).item({ subject: ONE, token: "7261798938871111" }).send();
  await cards.build(toolbox.PutItemCommand).item({ subject: OTHER, token: "4058922228901111" }).send();
  const { Item } = await cards.build(toolbox.GetItemCommand).key({ subject: ONE }).send();
  return { asked: ONE, got: { subject: Item.subject, token: Item.token } };
}

const plain = await byElectroDB("electrodb", {});
console.log("electrodb 3.9.3:", JSON.stringify(plain));
const none = await byElectroDB("electrodb-none", { casing: "none" });
console.log('electrodb 3.9.3, casing "none":', JSON.stringify(none));
const other = await byToolbox();
console.log("dynamodb-toolbox 2.10.6:", JSON.stringify(other));
server.close();

const first = { subject: ONE, token: "7261798938871111" };
assert.deepEqual(plain, { asked: ONE, got: { subject: OTHER, token: "4058922228901111" }, refused: true });
assert.deepEqual(none, { asked: ONE, got: first, refused: false });
assert.deepEqual(other.got, first);
JS
NODE_NO_WARNINGS=1 node keys.mjs
