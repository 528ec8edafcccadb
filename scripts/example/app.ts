/** The partner app: what it says for its residents, and what it is told. */
import { answerOf, type LifecircleClient, type Schemas } from '../../openapi/client/client.ts'
import type { Inbox } from './inbox.ts'
import { costOf, eventually, expect, ifMatch, money, refusalOf, type Transcript } from './transcript.ts'

const WHO = 'App'

export interface AppSide {
  client: LifecircleClient
  transcript: Transcript
  inbox: Inbox
  period: string
  community: Schemas['Area']
}

type Need = Schemas['Need']
type Wanted = Omit<Schemas['RegisterNeed'], 'period'>
type Fact = Schemas['GiveConsent']['facts'][number]

const FOR_MATCHING: Fact[] = ['location', 'languages', 'birth_year', 'mobility', 'care_level', 'income_class']
const FOR_PROVIDERS: Fact[] = ['languages', 'birth_year', 'mobility']

/** Mrs. Chen, as the app registers her. */
function mrsChen({ community }: AppSide): Schemas['RegisterResident'] {
  const { latitude, longitude } = community.point!
  return {
    reference: 'Mrs. Chen, 4711',
    areaId: community.id,
    point: { latitude: latitude + 0.001234, longitude },
    birthYear: 1948,
    mobility: 'slow',
    assessments: [{ scheme: 'cms', level: 3 }],
    incomeClass: 'lower_middle',
    languages: ['zh', 'nan'],
    consent: { purpose: 'matching', facts: FOR_MATCHING },
  }
}

/** Registers her twice under one key: there is one of her. */
export async function registerMrsChen(side: AppSide): Promise<Schemas['RegisteredResident']> {
  const { client, transcript } = side
  const body = mrsChen(side)
  const params = { header: { 'idempotency-key': 'hello-4711' } }
  const resident = await answerOf(client.POST('/v1/residents', { params, body }))
  const again = await answerOf(client.POST('/v1/residents', { params, body }))
  expect(resident.id === again.id, 'a repeated request has no second effect')
  expect(String(resident.point.latitude).length <= 6, 'her home is rounded')
  transcript.tell(
    WHO,
    'registers Mrs. Chen under its own reference, with consent to matching; sends it twice',
    'the same answer both times, her home rounded to about 100 m',
  )
  return resident
}

/** What is refused, and how the refusal says what is wrong. */
export async function makeMistakes(side: AppSide): Promise<void> {
  const { client, transcript } = side
  const header = { 'idempotency-key': 'hello-4711' }
  const other = { ...mrsChen(side), birthYear: 1949 }
  const reused = await refusalOf(
    'idempotency_key_reused',
    client.POST('/v1/residents', { params: { header }, body: other }),
  )
  const old = { ...mrsChen(side), reference: 'somebody', birthYear: 1800 }
  const flawed = await refusalOf('invalid_input', client.POST('/v1/residents', { body: old }))
  const [flaw] = flawed.errors!
  transcript.tell(
    WHO,
    'sends another body under the same Idempotency-Key, then a birth year of 1800',
    `${reused.status} ${reused.code}; ${flawed.status} ${flawed.code}, ${flaw!.pointer}: ${flaw!.message}`,
  )
}

/** Consent to be known to providers, and money with a rule for what is left of it. */
export async function consentAndTopUp(
  { client, transcript, period }: AppSide,
  residentId: string,
): Promise<Schemas['Consent']> {
  const path = { id: residentId }
  const consent = await answerOf(
    client.POST('/v1/residents/{id}/consents', {
      params: { path },
      body: { purpose: 'referral', facts: FOR_PROVIDERS },
    }),
  )
  const wallet = await answerOf(
    client.POST('/v1/residents/{id}/wallets', {
      params: { path },
      body: { period, amount: 150_000, carryOverMost: 30_000 },
    }),
  )
  transcript.tell(
    WHO,
    `adds her consent to tell providers ${consent.facts.length} facts, and tops up her wallet`,
    `${money(wallet.available)} ${wallet.currency} to spend; at most ${money(wallet.carryOverMost!)} of it go over into the next month`,
  )
  return consent
}

/** Says what somebody needs in the month. */
export function registerNeed({ client, period }: AppSide, residentId: string, wanted: Wanted): Promise<Need> {
  const params = { path: { id: residentId } }
  return answerOf(client.POST('/v1/residents/{id}/needs', { params, body: { period, ...wanted } }))
}

/** Her first need, and the same once more. */
export async function askForTaiChi(side: AppSide, residentId: string): Promise<Need> {
  const { client, transcript, period } = side
  const wanted: Wanted = {
    category: 'cultural',
    term: 'tai_chi',
    tier: 'personalized',
    quantity: 4,
    acceptableHours: (['MO', 'TU', 'WE'] as const).map((day) => ({ day, opens: '06:00', closes: '12:00' })),
    preferences: { language: 'zh' },
  }
  const need = await registerNeed(side, residentId, wanted)
  const params = { path: { id: residentId } }
  const twin = await refusalOf(
    'duplicate',
    client.POST('/v1/residents/{id}/needs', { params, body: { period, ...wanted } }),
  )
  expect(twin.existingId === need.id, 'the refusal points to the first need')
  transcript.tell(
    WHO,
    'she needs tai chi, 4 visits on mornings from Monday to Wednesday; asks for it twice',
    `${need.state}; the second time ${twin.status} ${twin.code}, pointing to the first`,
  )
  return need
}

/** What could serve the need, and what could not. */
export async function compareOptions({ client, transcript }: AppSide, need: Need) {
  const { options, excluded } = await answerOf(
    client.GET('/v1/needs/{id}/options', {
      params: { path: { id: need.id }, query: { explain: 'excluded' } },
    }),
  )
  const [best, next] = options
  const { cost, score, walkingMinutes, hours } = best!
  const sum = Object.values(score!.parts).reduce((total, part) => total + part, 0)
  expect(sum === score!.utility, 'the parts of a score add up')
  const subsidy = cost.subsidies.reduce((total, { amount }) => total + amount, 0)
  const when = hours.fitting.map(({ day, opens, closes }) => `${day} ${opens}–${closes}`).join(' and ')
  const [out] = excluded!.offerings
  transcript.tell(
    WHO,
    `lists the ${options.length} options, and what is none`,
    `1. ${best!.name}: ${walkingMinutes} min on foot, ${when}, score ${count(score!.utility)} (then ${next!.name}, ${count(next!.score!.utility)})`,
    `${costOf({ price: cost.price, subsidy, copayment: cost.copayment })}; wallet ${money(cost.wallet!.before)} → ${money(cost.wallet!.after)}; no option: ${out!.name}, ${out!.reason}`,
  )
  return best!
}

const count = (number: number) => number.toLocaleString('en-US')

/** Books an option at once: place, fund and wallet together. */
export async function book(
  { client, transcript }: AppSide,
  need: Need,
  { offeringId, programId, name }: Schemas['NeedOption'],
): Promise<Schemas['Booking']> {
  const booking = await answerOf(
    client.POST('/v1/needs/{id}/bookings', {
      params: { path: { id: need.id } },
      body: { offeringId, programId },
    }),
  )
  transcript.tell(
    WHO,
    `books ${name}`,
    `a referral, ${booking.status}; ${costOf(booking)} are held with the places`,
  )
  return booking
}

/** The resident confirms what was recorded, and says whether it helped. */
export async function confirmAndRate(
  { client, transcript }: AppSide,
  { id, version, referralId, units }: Schemas['Delivery'],
): Promise<Schemas['Feedback']> {
  const confirmed = await answerOf(
    client.POST('/v1/deliveries/{id}/confirmation', {
      params: { path: { id }, header: ifMatch({ version }) },
    }),
  )
  const feedback = await answerOf(
    client.POST('/v1/referrals/{id}/feedback', {
      params: { path: { id: referralId } },
      body: { outcome: 'got_help', rating: 5, text: 'I sleep better.' },
    }),
  )
  transcript.tell(
    WHO,
    `she confirms the ${units} visits, and says whether it helped`,
    `delivery ${confirmed.state}; ${feedback.outcome}, ${feedback.rating} of 5`,
  )
  return feedback
}

/** Everything that happened to the wallet; it adds up. */
export async function readStatement({ client, transcript, period }: AppSide, residentId: string) {
  const { lines, sums } = await answerOf(
    client.GET('/v1/residents/{id}/wallets/{period}/statement', {
      params: { path: { id: residentId, period } },
    }),
  )
  const { putIn, carriedIn, carriedOut, erased, held, spent, available } = sums
  expect(
    held === 0 && putIn + carriedIn === carriedOut + erased + held + spent + available,
    'the statement adds up',
  )
  transcript.tell(
    WHO,
    'reads the statement of her wallet',
    `${lines.map(({ kind, amount }) => `${kind} ${money(amount)}`).join(', ')}: ${money(putIn)} = ${money(spent)} spent + ${money(available)} left`,
  )
}

/** The offer that an approved run has opened for a need. */
export function offerFor({ client }: AppSide, needId: string): Promise<Schemas['Referral']> {
  return eventually('the offer', async () => {
    const { items } = await answerOf(
      client.GET('/v1/referrals', { params: { query: { status: 'requested', limit: 200 } } }),
    )
    return items.find((referral) => referral.needId === needId)
  })
}

/** Reads why a need was met or not. */
export async function explain(
  { client, transcript }: AppSide,
  need: Need,
  asked: string,
  languages: readonly ('en' | 'zh-Hant')[] = ['en'],
): Promise<Schemas['NeedExplanation']> {
  const explained = await answerOf(
    client.GET('/v1/needs/{id}/explanation', { params: { path: { id: need.id } } }),
  )
  transcript.tell(WHO, asked, ...languages.map((language) => explained.sentences[language]))
  return explained
}
