import { z } from '@hono/zod-openapi'

export const TurnClock = z
  .strictObject({
    advanceSeconds: z
      .number()
      .int()
      .min(1)
      .max(3_155_760_000)
      .optional()
      .openapi({ description: 'Forward by this long', example: 86_400 }),
    now: z.iso
      .datetime({ offset: true })
      .optional()
      .openapi({ description: 'Forward to this instant', example: '2027-01-01T00:00:00Z' }),
  })
  .refine(
    ({ advanceSeconds, now }) => (advanceSeconds === undefined) !== (now === undefined),
    'names either advanceSeconds or now',
  )
  .openapi('TurnClock')
export type TurnClock = z.infer<typeof TurnClock>

export const Clock = z
  .object({
    now: z.iso.datetime().openapi({ description: 'What time it is in the sandbox' }),
    aheadSeconds: z.number().openapi({ description: 'How far that is ahead of the machine’s clock' }),
  })
  .openapi('Clock')
export type Clock = z.infer<typeof Clock>
