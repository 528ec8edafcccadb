import { z } from '@hono/zod-openapi'
import { NeedState } from '../residents/schemas.ts'
import { Explanation, UtilityParts } from './schemas.ts'

const Sentences = z.object({ en: z.string(), 'zh-Hant': z.string(), 'zh-Hans': z.string() })

/** A comparison of an eligibility rule, held against what consents let be seen of the resident now. */
const Traced = z.object({
  of: z.enum(['offering', 'program']),
  objectId: z.uuid(),
  fact: z.string(),
  verdict: z.enum(['pass', 'fail', 'unknown']),
  sentences: Sentences,
})

/** What the need holds. */
const Held = z.object({
  matchId: z.uuid(),
  price: z.number().int().openapi({ description: 'Minor units, = subsidy + copayment' }),
  subsidy: z.number().int(),
  copayment: z.number().int(),
  utility: z.number().int().nullable(),
  parts: z.union([UtilityParts, z.null()]).openapi({
    description:
      'They add up to the utility; both null where they would tell how far a confidential place is',
  }),
})

export const NeedExplanation = z
  .object({
    needId: z.uuid(),
    state: NeedState,
    basis: z.enum(['run', 'booking', 'backfill', 'now']).openapi({
      description:
        'run: what the last run over the need found, at its prices; booking: what the resident took; backfill: a place that had become free; now: what there is at this moment, where no run has looked at the need or its match is over',
    }),
    runId: z.uuid().nullable(),
    explanation: Explanation,
    match: z.union([Held, z.null()]).openapi({ description: 'What was matched, booked or backfilled' }),
    trace: z.array(Traced).openapi({
      description:
        'The eligibility rules of the offering and the program that the explanation names, by comparison',
    }),
    sentences: Sentences.openapi({ description: 'The explanation in words' }),
  })
  .openapi('NeedExplanation')
export type NeedExplanation = z.infer<typeof NeedExplanation>
