import { z } from '@hono/zod-openapi'
import { PageQuery } from '../../platform/http/paging.ts'
import { Period } from '../../platform/period.ts'
import { Text } from '../../platform/text.ts'
import { OptionalRule } from '../policies/eligibility.ts'
import { Category, Tier } from '../policies/schemas.ts'

export const ProgramState = z.enum(['draft', 'submitted', 'approved', 'open', 'frozen', 'closed'])
export type ProgramState = z.infer<typeof ProgramState>

/** Minor currency units. A budget times a quantity must stay an exact number. */
const Money = z.number().int().min(0).max(1_000_000_000_000)

const terms = {
  areaId: z.uuid().openapi({ description: 'The fund pays for residents of this area and of its parts' }),
  period: Period,
  name: Text(200).openapi({ example: 'Day care fund, December' }),
  categories: z.array(Category).min(1).max(4),
  tiers: z.array(Tier).min(1).max(3),
  budget: Money.openapi({ description: 'Minor units', example: 500_000_000 }),
  subsidyShare: z
    .number()
    .int()
    .min(0)
    .max(10_000)
    .openapi({ description: 'Basis points of the price that the fund pays', example: 8400 }),
}

const UnitCap = Money.nullable().openapi({
  description: 'Most the fund pays per unit of service; null = no cap',
})
const ResidentCap = Money.nullable().openapi({ description: 'Most it pays per resident; null = no cap' })

export const CreateProgram = z
  .strictObject({
    ...terms,
    eligibility: OptionalRule.default(null),
    unitCap: UnitCap.default(null),
    residentCap: ResidentCap.default(null),
  })
  .openapi('CreateProgram')
export type CreateProgram = z.input<typeof CreateProgram>

export const Program = z
  .object({
    id: z.uuid(),
    organizationId: z.uuid(),
    ...terms,
    eligibility: OptionalRule,
    eligibilityText: z.string().nullable().openapi({ description: 'The rule in plain English' }),
    unitCap: UnitCap,
    residentCap: ResidentCap,
    currency: z.string().openapi({ example: 'TWD' }),
    state: ProgramState,
    fundAccountId: z.uuid().nullable(),
    version: z.number().int().openapi({ description: 'Named in If-Match, in quotes, to change the program' }),
    createdAt: z.iso.datetime(),
  })
  .openapi('Program')
export type Program = z.infer<typeof Program>

export const ProgramsQuery = PageQuery.extend({
  areaId: z.uuid().optional().openapi({ description: 'Only those of exactly this area' }),
  period: Period.optional(),
  state: ProgramState.optional(),
})
export type ProgramsQuery = z.infer<typeof ProgramsQuery>
