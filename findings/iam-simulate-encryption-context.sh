#!/usr/bin/env bash
# iam-simulate sets kms:EncryptionContext conditions aside, and so denies what they allow.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --prefix . @cloud-copilot/iam-simulate@0.1.173

cat > decide.mjs <<'JS'
import assert from 'node:assert'
import { runSimulation } from '@cloud-copilot/iam-simulate'

const accountId = '123456789012'
const key = `arn:aws:kms:eu-central-1:${accountId}:key/1234abcd-12ab-34cd-56ef-1234567890ab`

// The same statement, on one condition or another, and a request that meets it.
const decide = async (condition) => {
  const Statement = [{
    Effect: 'Allow', Action: 'kms:Decrypt', Resource: key, Condition: { StringEquals: { [condition]: 'shop' } }
  }]
  const account = { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${accountId}:root` }, Action: 'kms:*', Resource: '*' }
  const { overallResult, result } = await runSimulation({
    request: {
      principal: `arn:aws:iam::${accountId}:role/reader`,
      action: 'kms:Decrypt',
      resource: { resource: key, accountId },
      contextVariables: { [condition]: 'shop' }
    },
    identityPolicies: [{ name: 'reader', policy: { Version: '2012-10-17', Statement } }],
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    resourcePolicy: { Version: '2012-10-17', Statement: [account] }
  }, {})
  console.log(`iam-simulate 0.1.173, ${condition}: ${overallResult}, set aside: [${result.ignoredContextKeys}]`)
  return [overallResult, result.ignoredContextKeys]
}

assert.deepStrictEqual(await decide('aws:RequestTag/tenant'), ['Allowed', []])
assert.deepStrictEqual(await decide('kms:ViaService'), ['Allowed', []])
assert.deepStrictEqual(
  await decide('kms:EncryptionContext:tenant'), ['ImplicitlyDenied', ['kms:EncryptionContext:tenant']])
JS
node decide.mjs
