import { z } from '@hono/zod-openapi'
import { WorkState } from './replay-schemas.ts'
import { RunResult } from './schemas.ts'

/** Fewer than this of an income class in one place, and figures would tell of persons. */
export const SMALLEST_CLASS = 5

const Needs = z.number().int()

/** What somebody would get under a policy. */
export const SimulatedFigures = RunResult.pick({
  matched: true,
  byTier: true,
  byCategory: true,
  funds: true,
  floors: true,
})
  .extend({
    byIncomeClass: z.union([RunResult.shape.byIncomeClass, z.null()]).openapi({
      description: `Null where anybody is of a class with fewer than ${SMALLEST_CLASS} needs`,
    }),
    subsidies: z.number().int().openapi({ description: 'What all funds pay, in minor units' }),
    walkingMinutesMean: z.number().nullable().openapi({
      description: 'Of those who walk, or are walked to; to two decimals; null where nobody is',
    }),
  })
  .openapi('SimulatedFigures')
export type SimulatedFigures = z.infer<typeof SimulatedFigures>

export const PolicySimulationReport = z
  .object({
    kind: z.literal('policy'),
    version: z.number().int().openapi({ description: 'Of the draft, as it was simulated' }),
    adoptedPolicyId: z.uuid().openapi({ description: 'The policy in force, that the draft is held against' }),
    needs: Needs.openapi({ description: 'Of the run, without those of residents erased since' }),
    adopted: SimulatedFigures,
    draft: SimulatedFigures,
    gained: Needs.openapi({ description: 'Needs met under the draft and not under the policy in force' }),
    lost: Needs.openapi({ description: 'Needs met under the policy in force and not under the draft' }),
    moved: Needs.openapi({ description: 'Needs met under both, by different offerings' }),
  })
  .openapi('PolicySimulationReport')
export type PolicySimulationReport = z.infer<typeof PolicySimulationReport>

/** What the program would buy with one budget. */
const SimulatedBudget = RunResult.pick({ matched: true, value: true, bound: true, byTier: true, funds: true })
  .extend({
    changePercent: z.number().int(),
    budget: z.number().int().openapi({
      description: 'Minor units; never less than what had been taken before the run',
    }),
    spent: z.number().int().openapi({
      description: 'Of the budget, with what was taken before the run; minor units',
    }),
    estimatedValue: z.number().openapi({
      description:
        'The value at the budget as it is + its shadow price × the change: what one would expect without solving again',
    }),
    gained: Needs.openapi({ description: 'Needs met with this budget and not with the budget as it is' }),
    lost: Needs.openapi({ description: 'Needs met with the budget as it is and not with this one' }),
  })
  .openapi('SimulatedBudget')
export type SimulatedBudget = z.infer<typeof SimulatedBudget>

export const ProgramSimulationReport = z
  .object({
    kind: z.literal('program'),
    version: z.number().int().openapi({ description: 'Of the program, as it was simulated' }),
    needs: Needs.openapi({ description: 'Of the run, without those of residents erased since' }),
    budget: z.number().int().openapi({ description: 'The program’s budget as it is, in minor units' }),
    shadowPrice: z.number().openapi({
      description:
        'What one more minor unit of the budget as it is would add, in utility; 0 where it is not scarce',
    }),
    budgets: z.array(SimulatedBudget),
  })
  .openapi('ProgramSimulationReport')
export type ProgramSimulationReport = z.infer<typeof ProgramSimulationReport>

/** By what is simulated. */
export const SimulationReport = z
  .discriminatedUnion('kind', [PolicySimulationReport, ProgramSimulationReport])
  .openapi('SimulationReport')
export type SimulationReport = z.infer<typeof SimulationReport>

const RunId = z.uuid().openapi({
  description:
    'Whose needs, offerings and programs are taken; default: the last run that was approved, else proposed',
})

export const SimulatePolicy = z.strictObject({ runId: RunId.optional() }).openapi('SimulatePolicy')
export type SimulatePolicy = z.input<typeof SimulatePolicy>

export const SimulateProgram = z
  .strictObject({
    runId: RunId.optional(),
    changePercent: z
      .array(z.number().int().min(-100).max(1000))
      .min(1)
      .max(5)
      .default([-10, 0, 10])
      .openapi({ description: 'Changes of the budget, in percent; each is solved by itself' }),
  })
  .openapi('SimulateProgram')
export type SimulateProgram = z.input<typeof SimulateProgram>

export const Simulation = z
  .object({
    id: z.uuid(),
    runId: z.uuid(),
    policyId: z.uuid().nullable(),
    programId: z.uuid().nullable(),
    state: WorkState,
    report: z.union([SimulationReport, z.null()]),
    failure: z.string().nullable(),
    createdAt: z.iso.datetime(),
    finishedAt: z.iso.datetime().nullable(),
  })
  .openapi('Simulation')
export type Simulation = z.infer<typeof Simulation>
