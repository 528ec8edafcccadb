import { z } from '@hono/zod-openapi'
import { Text } from '../../platform/text.ts'

export const AssuranceState = z.enum(['assured', 'lapsed'])
export type AssuranceState = z.infer<typeof AssuranceState>

const LapsesAt = z.iso
  .datetime()
  .openapi({ description: 'Until when it holds', example: '2027-12-01T00:00:00Z' })

export const AssureOffering = z
  .strictObject({
    what: Text(500).openapi({
      description: 'What was verified, and how',
      example: 'License, price list and opening hours, on site',
    }),
    lapsesAt: LapsesAt,
  })
  .openapi('AssureOffering')
export type AssureOffering = z.input<typeof AssureOffering> & { offeringId: string; version: number }

export const RenewAssurance = z.strictObject({ lapsesAt: LapsesAt }).openapi('RenewAssurance')
export type RenewAssurance = z.input<typeof RenewAssurance> & { offeringId: string; version: number }

/** Who verified what, when, and until when that holds. */
export const Assurance = z
  .object({
    what: z.string(),
    assuredBy: z.uuid().openapi({ description: 'Organization that verified it' }),
    assuredByName: z.string().nullable(),
    assuredVersion: z.number().int().openapi({ description: 'Version of the offering that was verified' }),
    assuredAt: z.iso.datetime(),
    lapsesAt: z.iso.datetime(),
    state: AssuranceState,
  })
  .openapi('Assurance')
export type Assurance = z.infer<typeof Assurance>

/** Told from the date as well as from the mark of the job, which may come a little late. */
export function assuranceStateAt(
  { lapsesAt, lapsedAt }: { lapsesAt: Date; lapsedAt: Date | null },
  now: Date,
): AssuranceState {
  return lapsedAt !== null || lapsesAt <= now ? 'lapsed' : 'assured'
}
