import { z } from '@hono/zod-openapi'
import { UtilityParts } from '../matching/schemas.ts'
import { ReferralStatus } from './schemas.ts'

export const CreateBooking = z
  .strictObject({
    offeringId: z.uuid(),
    programId: z
      .uuid()
      .nullable()
      .default(null)
      .openapi({ description: 'The program that pays a part; null = the resident pays alone' }),
  })
  .openapi('CreateBooking')
export type CreateBooking = z.input<typeof CreateBooking>

export const Booking = z
  .object({
    referralId: z.uuid(),
    matchId: z.uuid(),
    needId: z.uuid(),
    offeringId: z.uuid(),
    programId: z.uuid().nullable(),
    price: z
      .number()
      .int()
      .openapi({ description: 'Minor units for the whole quantity = subsidy + copayment' }),
    subsidy: z.number().int(),
    copayment: z.number().int(),
    walkingMinutes: z.number().nullable(),
    utility: z.number().int().nullable(),
    parts: z.union([UtilityParts, z.null()]),
    placeWithheld: z.boolean().openapi({
      description:
        'The place is confidential: neither minutes nor utility and parts, which would tell them, are told. The provider says where to go',
    }),
    status: ReferralStatus,
    answerBy: z.iso.datetime().nullable().openapi({ description: 'Until when the provider has to answer' }),
  })
  .openapi('Booking')
export type Booking = z.infer<typeof Booking>
