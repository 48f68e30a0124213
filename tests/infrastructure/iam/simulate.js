// Decides the requests on standard input (a JSON list of simulations) and prints what was decided, and by which
// statements, in the same order.
import { runSimulation } from '@cloud-copilot/iam-simulate'
import { readFileSync } from 'node:fs'

const name = (kind, analysis) => `${kind}: ${analysis.statement.Sid ?? analysis.statement.Effect + ' ' + analysis.explain.identifier}`

const statements = (kind, found, field) => (found?.[field] ?? []).map((analysis) => name(kind, analysis))

function decided(result) {
  const all = result.results ?? [result.result]
  const by = (field) =>
    all.flatMap(({ analysis }) => [
      ...statements('identity', analysis.identityAnalysis, field),
      ...statements('resource', analysis.resourceAnalysis, field),
      ...statements('endpoint', analysis.endpointAnalysis, field)
    ])
  return {
    result: result.overallResult,
    allow: by('allowStatements'),
    deny: by('denyStatements'),
    blocked: all.flatMap(({ analysis }) => analysis.blockedBy ?? []),
    ignored: all.flatMap((one) => one.ignoredContextKeys ?? [])
  }
}

const answers = []
for (const simulation of JSON.parse(readFileSync(0, 'utf8'))) {
  const result = await runSimulation(simulation, {})
  answers.push(result.resultType === 'error' ? { result: 'Error', errors: result.errors } : decided(result))
}
process.stdout.write(JSON.stringify(answers))
