// Decides the requests on standard input (a JSON list of simulations) and prints what was decided, and by which
// statements, in the same order.
import { runSimulation, runUnsafeSimulation } from '@cloud-copilot/iam-simulate'
import { readFileSync } from 'node:fs'

const name = (kind, analysis) => `${kind}: ${analysis.explain.identifier}`

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
    ignored: all.flatMap((answer) => answer.ignoredContextKeys ?? [])
  }
}

// AWS's list of resources is not clear for these actions (an ARN fits two types, or a type has two ARNs), so the
// evaluator refuses to choose. Without its checks of the request it decides, but does not say by what.
const UNCLEAR = ['multiple.resource.types', 'no.resource.types']
const UNNAMED = ['(a statement that the evaluator does not name)']

function undecided(simulation, errors) {
  const action = simulation.request.action
  const known = ['apigateway:POST', 'backup:ListTags'].includes(action) || action.includes('ProvisionedConcurrency')
  if (!known || !UNCLEAR.includes(errors.message)) return { result: 'Error', errors }
  return { result: runUnsafeSimulation(simulation, {}), allow: UNNAMED, deny: [], blocked: [], ignored: [] }
}

const answers = []
for (const simulation of JSON.parse(readFileSync(0, 'utf8'))) {
  const result = await runSimulation(simulation, {})
  answers.push(result.resultType === 'error' ? undecided(simulation, result.errors) : decided(result))
}
process.stdout.write(JSON.stringify(answers))
