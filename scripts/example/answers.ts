/** How residents answer: by a link without any app, with a petition, and by taking a consent back. */
import { answerOf, type Schemas } from '../../openapi/client/client.ts'
import { type AppSide, offerFor } from './app.ts'
import { eventually, expect, ifMatch, money, refusalOf } from './transcript.ts'

const WHO = 'App'

/** Opens the page as a browser would, presses its button, and presses it again. */
export async function answerByLink(
  { client, transcript }: AppSide,
  referral: Schemas['Referral'],
): Promise<void> {
  const { url } = await answerOf(
    client.POST('/v1/referrals/{id}/links', {
      params: { path: { id: referral.id } },
      body: { actions: ['accept', 'decline'] },
    }),
  )
  const headers = { 'Accept-Language': 'zh-TW' }
  const page = await fetch(url, { headers })
  const shown = await page.text()
  const press = () => fetch(url, { method: 'POST', headers, body: new URLSearchParams({ action: 'accept' }) })
  const [first, second] = [await press(), await press()]
  expect(page.status === 200 && first.status === 200 && second.status === 410, 'a link answers once')
  transcript.tell(
    'Mrs. Chen',
    'opens the link from a text message in her browser, presses “yes”, and presses it again',
    `${page.status} “${titleOf(shown)}”; ${first.status} “${titleOf(await first.text())}”; then ${second.status}: it works once`,
  )
}

function titleOf(page: string): string {
  return /<title>([^<]*)/.exec(page)?.[1] ?? ''
}

/** A basic need is for the run: residents may not book it. */
export async function tryToBook(
  { client, transcript }: AppSide,
  need: Schemas['Need'],
  rest: string,
): Promise<void> {
  const params = { path: { id: need.id } }
  const { options } = await answerOf(client.GET('/v1/needs/{id}/options', { params }))
  const [{ offeringId }] = options as [Schemas['NeedOption']]
  const refused = await refusalOf(
    'not_bookable',
    client.POST('/v1/needs/{id}/bookings', { params, body: { offeringId } }),
  )
  transcript.tell(
    WHO,
    `she needs help with bathing, a basic need, ${rest}`,
    `${need.state}; booking the bathing: ${refused.status} ${refused.code}, for a basic need is met by a match run`,
  )
}

/** Nobody offers it: she asks, and another resident stands behind it. */
export async function petition(
  { client, transcript }: AppSide,
  need: Schemas['Need'],
  other: { id: string },
): Promise<string> {
  const { options } = await answerOf(
    client.GET('/v1/needs/{id}/options', { params: { path: { id: need.id } } }),
  )
  const { id } = await answerOf(
    client.POST('/v1/petitions', { body: { needId: need.id, text: 'Three times a week, please.' } }),
  )
  const signed = await answerOf(
    client.POST('/v1/petitions/{id}/signatures', {
      params: { path: { id } },
      body: { residentId: other.id },
    }),
  )
  transcript.tell(
    WHO,
    'she needs rides to dialysis; begins a petition, which Mr. Lin signs too',
    `${options.length} options; the petition is ${signed.state}, with ${signed.signatures} signatures and no name`,
  )
  return id
}

/** Takes a consent back: the open offer ends, what a provider has accepted goes on. */
export async function takeConsentBack(
  { client, transcript }: AppSide,
  consent: Schemas['Consent'],
  { open, accepted }: { open: string; accepted: string },
): Promise<void> {
  const read = (id: string) => answerOf(client.GET('/v1/referrals/{id}', { params: { path: { id } } }))
  await answerOf(client.POST('/v1/consents/{id}/withdrawal', { params: { path: { id: consent.id } } }))
  const ended = await eventually('the end of the open offer', async () => {
    const referral = await read(open)
    return referral.status === 'requested' ? undefined : referral
  })
  const kept = await read(accepted)
  transcript.tell(
    WHO,
    'takes her consent to tell providers back',
    `the booked calligraphy is ${ended.status} (${ended.statusReason}); the bathing, ${kept.status}, goes on`,
  )
}

/**
 * Turns the sandbox’s clock past the offer's days, so that its place goes on to her, then into the next month, whose
 * wallet gets what may go over.
 */
export async function turnClock(
  side: AppSide,
  { residentId, unanswered, waiting }: { residentId: string; unanswered: string; waiting: string },
): Promise<string> {
  const { client, transcript, period } = side
  await answerOf(client.PUT('/v1/sandbox/clock', { body: { advanceSeconds: 6 * 86_400 } }))
  const expired = await eventually('the end of the unanswered offer', async () => {
    const path = { id: unanswered }
    const referral = await answerOf(client.GET('/v1/referrals/{id}', { params: { path } }))
    return referral.status === 'requested' ? undefined : referral
  })
  const given = await offerFor(side, waiting)
  const params = { path: { id: given.id }, header: ifMatch(given) }
  const declined = await answerOf(
    client.POST('/v1/referrals/{id}/offer-refusal', { params, body: { reason: 'no_longer_needed' } }),
  )
  const [year, month] = period.split('-').map(Number) as [number, number]
  const now = new Date(Date.UTC(year, month, 2)).toISOString()
  await answerOf(client.PUT('/v1/sandbox/clock', { body: { now } }))
  const wallet = await eventually('what goes over', async () => {
    const params = { path: { id: residentId, period: now.slice(0, 7) } }
    return (await client.GET('/v1/residents/{id}/wallets/{period}', { params })).data
  })
  transcript.tell(
    WHO,
    'turns the sandbox’s clock 6 days on, with Mr. Lin’s garden bed unanswered, and into the next month',
    `the offer is ${expired.status} (${expired.statusReason}), its place goes to Mrs. Chen, who waits; she says no (${declined.statusReason})`,
    `${money(wallet.available)} of her wallet went over, as its rule says`,
  )
  return given.id
}
