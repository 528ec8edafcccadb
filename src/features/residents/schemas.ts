import { z } from '@hono/zod-openapi'

export const IncomeClass = z.enum(['low', 'lower_middle', 'general'])
export type IncomeClass = z.infer<typeof IncomeClass>

/** Facts a consent can cover; location and languages are needed to match at all. */
export const ConsentFact = z.enum([
  'location',
  'languages',
  'birth_year',
  'mobility',
  'care_level',
  'income_class',
  'lives_alone',
])
export type ConsentFact = z.infer<typeof ConsentFact>
