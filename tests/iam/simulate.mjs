// Asks the simulator @cloud-copilot/iam-simulate, in its own process: a line of JSON in, one word out.
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'

const { runSimulation } = createRequire(process.argv[2] + '/')('@cloud-copilot/iam-simulate')
const everything = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }
const account = '111122223333'

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line)
  const found = await runSimulation({
    request: {
      principal: `arn:aws:iam::${account}:user/somebody`,
      action: asked.action,
      resource: { resource: asked.resource, accountId: account },
      contextVariables: asked.context
    },
    identityPolicies: [{ name: 'policy', policy: asked.policy }],
    serviceControlPolicies: [{ orgIdentifier: 'root', policies: [{ name: 'all', policy: everything }] }],
    resourceControlPolicies: [],
    permissionBoundaryPolicies: asked.boundary ? [{ name: 'boundary', policy: asked.boundary }] : undefined
  }, {})
  console.log(found.resultType === 'error' ? 'error ' + JSON.stringify(found.errors) : found.overallResult)
}
