import { z } from '@hono/zod-openapi'
import { body, defineRoute, json } from '../../platform/http/define-route.ts'
import { IdempotencyHeader, idempotently } from '../../platform/http/idempotency.ts'
import { refusalsOfChange } from '../../platform/http/problem.ts'
import { Booking, CreateBooking } from './booking-schemas.ts'
import { type BookingRow, createBooking } from './create-booking.ts'

const tags = ['referrals']
const IdParam = z.object({ id: z.uuid() })

export const bookingRoutes = [
  defineRoute(
    {
      method: 'post',
      path: '/v1/needs/{id}/bookings',
      operationId: 'createBooking',
      summary: 'Take one of a need’s options at once, where the policy lets residents book its tier',
      description:
        'Takes place, staff time, fund and wallet together or nothing, and opens the referral. Refused with `not_bookable` (the tier), `not_an_option` (never, with `reason` and `barriers`), `insufficient` (not any more, with `reason`), or `outbid` (what it takes is worth more to others by the last run’s prices; `accepted` lists what would be taken).',
      tags,
      request: { params: IdParam, headers: IdempotencyHeader, body: body(CreateBooking) },
      responses: { 201: json('Booked', Booking), ...refusalsOfChange },
    },
    (c) =>
      idempotently(c, async (ctx) => {
        const needId = c.req.valid('param').id
        const row = await createBooking(ctx, { needId, ...c.req.valid('json') })
        const headers = { Location: `/v1/referrals/${row.referralId}` }
        return { body: toBooking(row), status: 201, headers }
      }),
  ),
] as const

function toBooking({ answerBy, ...row }: BookingRow): Booking {
  const told = { ...row, answerBy: answerBy?.toISOString() ?? null }
  if (!row.placeWithheld || row.walkingMinutes === null) return told
  return { ...told, walkingMinutes: null, utility: null, parts: null }
}
