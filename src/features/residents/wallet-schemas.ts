import { z } from '@hono/zod-openapi'
import { Period } from '../../platform/period.ts'

const MinorUnits = z.number().int().min(1).max(1_000_000_000)

const CarryOverMost = z.number().int().min(0).max(10_000_000_000).nullable()

export const TopUpWallet = z
  .strictObject({
    period: Period,
    amount: MinorUnits.openapi({
      description: 'Minor units of the deployment’s currency, added to the wallet',
    }),
    carryOverMost: CarryOverMost.optional().openapi({
      description:
        'Most minor units that go over into the next month; null = all that is left; not given = as it is, 0 for a new wallet',
    }),
  })
  .openapi('TopUpWallet')
export type TopUpWallet = z.input<typeof TopUpWallet> & { residentId: string }

export const Wallet = z
  .object({
    residentId: z.uuid(),
    period: Period,
    currency: z.string(),
    amount: z.number().int().openapi({
      description: 'What was put in and carried in, less what was carried out or erased',
    }),
    held: z.number().int(),
    spent: z.number().int(),
    available: z.number().int(),
    carryOverMost: z.number().int().nullable().openapi({
      description: 'Most minor units that go over into the next month; null = all that is left',
    }),
  })
  .openapi('Wallet')
export type Wallet = z.infer<typeof Wallet>

/** Movements of the wallet itself, and of what services take from it. */
export const WalletLineKind = z.enum([
  'top_up',
  'carried_in',
  'carried_out',
  'erased',
  'hold',
  'release',
  'commit',
  'revert',
])
export type WalletLineKind = z.infer<typeof WalletLineKind>

export const WalletStatement = z
  .object({
    residentId: z.uuid(),
    period: Period,
    currency: z.string(),
    opening: z.literal(0).openapi({ description: 'Each month’s wallet begins empty' }),
    lines: z.array(
      z.object({
        at: z.iso.datetime(),
        kind: WalletLineKind,
        amount: z.number().int().openapi({ description: 'Minor units, without sign' }),
        change: z.number().int().openapi({
          description:
            'What it did to what is available: a commit turns held into spent, and changes nothing',
        }),
        available: z.number().int().openapi({ description: 'After it' }),
        bundleId: z
          .uuid()
          .nullable()
          .openapi({ description: 'The match or booking it is for; null for what is not for a service' }),
      }),
    ),
    closing: z.number().int().openapi({ description: 'What is available' }),
    sums: z
      .object({
        putIn: z.number().int(),
        carriedIn: z.number().int(),
        carriedOut: z.number().int(),
        erased: z.number().int(),
        held: z.number().int(),
        spent: z.number().int(),
        available: z.number().int(),
      })
      .openapi({ description: 'putIn + carriedIn = carriedOut + erased + held + spent + available' }),
  })
  .openapi('WalletStatement')
export type WalletStatement = z.infer<typeof WalletStatement>
