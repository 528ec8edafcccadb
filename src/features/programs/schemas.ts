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

export const SubsidyOrder = z.enum(['share_first', 'fixed_first']).openapi('SubsidyOrder')
export type SubsidyOrder = z.infer<typeof SubsidyOrder>

const SubsidyFixed = Money.openapi({
  description: 'Minor units that the fund pays per unit of service besides',
})
const OrderOfParts = SubsidyOrder.openapi({
  description: 'Which part comes first; the other is reckoned from what is left of the price',
})
const PriceCeiling = Money.nullable().openapi({
  description:
    'Price per unit up to which the fund pays a part; what is above, the resident pays. Null = no ceiling',
})
const UnitCap = Money.nullable().openapi({
  description: 'Most the fund pays per unit of service; null = no cap',
})
const ResidentCap = Money.nullable().openapi({ description: 'Most it pays per resident; null = no cap' })

export const CreateProgram = z
  .strictObject({
    ...terms,
    eligibility: OptionalRule.default(null),
    subsidyFixed: SubsidyFixed.default(0),
    subsidyOrder: OrderOfParts.default('share_first'),
    priceCeiling: PriceCeiling.default(null),
    unitCap: UnitCap.default(null),
    residentCap: ResidentCap.default(null),
  })
  .openapi('CreateProgram')
export type CreateProgram = z.input<typeof CreateProgram>

/** All of a draft anew. */
export const ReviseProgram = z.strictObject(CreateProgram.shape).openapi('ReviseProgram')
export type ReviseProgram = z.input<typeof ReviseProgram>

export const Program = z
  .object({
    id: z.uuid(),
    organizationId: z.uuid(),
    dualBody: z.boolean().openapi({
      description: 'Whether the purchasing body also provides services, so that a second body must approve',
    }),
    ...terms,
    eligibility: OptionalRule,
    eligibilityText: z.string().nullable().openapi({ description: 'The rule in plain English' }),
    subsidyFixed: SubsidyFixed,
    subsidyOrder: OrderOfParts,
    priceCeiling: PriceCeiling,
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

export const AmendProgram = z
  .strictObject({
    budget: Money.openapi({
      description: 'Minor units; not below what is held and spent',
      example: 550_000_000,
    }),
    reason: Text(500).openapi({ example: 'Half of the waiting list would be served for 10 % more.' }),
  })
  .openapi('AmendProgram')
export type AmendProgram = z.input<typeof AmendProgram>

export const ProgramAmendment = z
  .object({
    id: z.uuid(),
    programId: z.uuid(),
    principalId: z.uuid(),
    before: Money.openapi({ description: 'The budget before, minor units' }),
    after: Money.openapi({ description: 'The budget since, minor units' }),
    reason: z.string(),
    at: z.iso.datetime(),
  })
  .openapi('ProgramAmendment')
export type ProgramAmendment = z.infer<typeof ProgramAmendment>

export const ProgramsQuery = PageQuery.extend({
  areaId: z.uuid().optional().openapi({ description: 'Only those of exactly this area' }),
  period: Period.optional(),
  state: ProgramState.optional(),
})
export type ProgramsQuery = z.infer<typeof ProgramsQuery>
