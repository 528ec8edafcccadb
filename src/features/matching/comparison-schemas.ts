import { z } from '@hono/zod-openapi'
import { RunResult } from './schemas.ts'

/** Ids that are listed of each kind of need. */
export const MOST_LISTED = 100

const ComparedRun = RunResult.pick({
  needs: true,
  matched: true,
  value: true,
  bound: true,
  gap: true,
  byTier: true,
  byCategory: true,
  byIncomeClass: true,
  funds: true,
  floors: true,
}).extend({ runId: z.uuid(), policyId: z.uuid(), period: z.string() })

const ComparedNeeds = z.object({
  count: z.number().int(),
  needIds: z.array(z.uuid()).openapi({ description: `The first ${MOST_LISTED}, in order of registration` }),
})

export const ComparisonQuery = z.object({
  with: z.uuid().openapi({ description: 'The other run' }),
})

/** Two runs side by side. Values can be compared only where both are of one policy. */
export const RunComparison = z
  .object({
    run: ComparedRun,
    other: ComparedRun,
    onlyHere: ComparedNeeds.openapi({ description: 'Needs met in this run and not in the other' }),
    onlyThere: ComparedNeeds.openapi({ description: 'Needs met in the other run and not in this one' }),
    moved: ComparedNeeds.openapi({ description: 'Needs met in both, by different offerings' }),
    same: ComparedNeeds.openapi({ description: 'Needs met in both by the same offering' }),
  })
  .openapi('RunComparison')
export type RunComparison = z.infer<typeof RunComparison>
