import { z } from '@hono/zod-openapi'
import { PageQuery } from '../../platform/http/paging.ts'
import { Period } from '../../platform/period.ts'

export const SettlePeriod = z
  .strictObject({
    programId: z.uuid(),
    period: Period.openapi({
      description: 'The month to close, in the zone of the deployment; it must be over',
    }),
  })
  .openapi('SettlePeriod')
export type SettlePeriod = z.infer<typeof SettlePeriod>

/** Minor units; negative where corrections weigh more than what was delivered. */
const Money = z.number().int()

const sums = {
  price: Money.openapi({ description: 'Minor units: subsidy + copayment', example: 1_000_000 }),
  subsidy: Money.openapi({ description: 'What the fund pays', example: 840_000 }),
  copayment: Money.openapi({ description: 'What residents pay', example: 160_000 }),
}

export const Settlement = z
  .object({
    id: z.uuid(),
    programId: z.uuid(),
    period: Period,
    organizationId: z.uuid().openapi({ description: 'The purchaser' }),
    currency: z.string().openapi({ example: 'TWD' }),
    ...sums,
    createdAt: z.iso.datetime(),
  })
  .openapi('Settlement', {
    description: 'A program’s month, closed. To a provider, the sums are those of its own statement.',
  })
export type Settlement = z.infer<typeof Settlement>

export const SettlementsQuery = PageQuery.extend({
  programId: z.uuid().optional(),
  period: Period.optional(),
})
export type SettlementsQuery = z.infer<typeof SettlementsQuery>

export const Statement = z
  .object({
    id: z.uuid(),
    settlementId: z.uuid(),
    programId: z.uuid(),
    period: Period,
    providerId: z.uuid(),
    currency: z.string().openapi({ example: 'TWD' }),
    lines: z.number().int().openapi({ description: 'How many lines it has' }),
    ...sums,
    createdAt: z.iso.datetime(),
  })
  .openapi('Statement', { description: 'What a settlement pays to one provider, or claims back' })
export type Statement = z.infer<typeof Statement>

export const LineKind = z.enum(['delivery', 'correction']).openapi({
  description:
    'A delivery that is paid for, or one that was paid for before and annulled since: with the sign turned',
})

export const StatementLine = z
  .object({
    id: z.uuid(),
    deliveryId: z.uuid(),
    matchId: z.uuid(),
    kind: LineKind,
    units: z.number().int(),
    ...sums,
  })
  .openapi('StatementLine')
export type StatementLine = z.infer<typeof StatementLine>
