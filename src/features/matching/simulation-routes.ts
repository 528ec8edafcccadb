import { z } from '@hono/zod-openapi'
import { body, defineRoute, json } from '../../platform/http/define-route.ts'
import { IdempotencyHeader, idempotently } from '../../platform/http/idempotency.ts'
import { mapPage, PageQuery, pageOf } from '../../platform/http/paging.ts'
import { refusalsOfChange, refusalsOfObject } from '../../platform/http/problem.ts'
import { getSimulation, listPolicySimulations, listProgramSimulations } from './get-simulation.ts'
import type { SimulationRow } from './queue-simulation.ts'
import { simulatePolicy } from './simulate-policy.ts'
import { simulateProgram } from './simulate-program.ts'
import { SimulatePolicy, SimulateProgram, Simulation } from './simulation-schemas.ts'

const tags = ['matching']
const IdParam = z.object({ id: z.uuid() })

export const simulationRoutes = [
  defineRoute(
    {
      method: 'post',
      path: '/v1/policies/{id}/simulations',
      operationId: 'simulatePolicy',
      summary: 'See what a policy draft would have changed in a run',
      description:
        'The needs of the run are solved again with its seed and rounds, under the policy in force and under the draft. Answers at once; read the simulation at Location until its state is `finished`.',
      tags,
      request: { params: IdParam, headers: IdempotencyHeader, body: body(SimulatePolicy) },
      responses: { 202: json('Queued', Simulation), ...refusalsOfChange },
    },
    (c) =>
      idempotently(c, async (ctx) => {
        const { id: policyId } = c.req.valid('param')
        return queued(await simulatePolicy(ctx, { policyId, ...c.req.valid('json') }))
      }),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/policies/{id}/simulations',
      operationId: 'listPolicySimulations',
      summary: 'List what a policy would have changed, newest first',
      tags,
      request: { params: IdParam, query: PageQuery },
      responses: { 200: json('A page', pageOf(Simulation)), ...refusalsOfObject },
    },
    async (c) => {
      const { id } = c.req.valid('param')
      const page = await listPolicySimulations(c.get('ctx'), id, c.req.valid('query'))
      return c.json(mapPage(page, toSimulation), 200)
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/programs/{id}/simulations',
      operationId: 'simulateProgram',
      summary: 'See what a program’s budget buys, and what more or less of it would',
      description:
        'The needs of a run are solved again with the program in it, once for every budget; beside each value stands what the shadow price alone would have let one expect. Answers at once; read the simulation at Location until its state is `finished`.',
      tags,
      request: { params: IdParam, headers: IdempotencyHeader, body: body(SimulateProgram) },
      responses: { 202: json('Queued', Simulation), ...refusalsOfChange },
    },
    (c) =>
      idempotently(c, async (ctx) => {
        const { id: programId } = c.req.valid('param')
        return queued(await simulateProgram(ctx, { programId, ...c.req.valid('json') }))
      }),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/programs/{id}/simulations',
      operationId: 'listProgramSimulations',
      summary: 'List what a program’s budgets would have bought, newest first',
      tags,
      request: { params: IdParam, query: PageQuery },
      responses: { 200: json('A page', pageOf(Simulation)), ...refusalsOfObject },
    },
    async (c) => {
      const { id } = c.req.valid('param')
      const page = await listProgramSimulations(c.get('ctx'), id, c.req.valid('query'))
      return c.json(mapPage(page, toSimulation), 200)
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/simulations/{id}',
      operationId: 'getSimulation',
      summary: 'Read a simulation: how far it is, and its report',
      tags,
      request: { params: IdParam },
      responses: { 200: json('The simulation', Simulation), ...refusalsOfObject },
    },
    async (c) => c.json(toSimulation(await getSimulation(c.get('ctx'), c.req.valid('param').id)), 200),
  ),
] as const

function queued(row: SimulationRow) {
  return { body: toSimulation(row), status: 202 as const, headers: { Location: `/v1/simulations/${row.id}` } }
}

function toSimulation({ organizationId: _organizationId, ...row }: SimulationRow): Simulation {
  return {
    ...row,
    createdAt: row.createdAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
  }
}
