/** The provider's own system: what it offers, and how it answers and serves. */
import { answerOf, type LifecircleClient, type Schemas } from '../../openapi/client/client.ts'
import { expect, ifMatch, type Transcript } from './transcript.ts'

const WHO = 'Provider'

export interface ProviderSide {
  client: LifecircleClient
  transcript: Transcript
  period: string
  /** Where it serves. */
  community: Schemas['Area']
}

type Published = Schemas['PublishOffering']

const MORNING = ['MO', 'WE', 'FR'].map((day) => ({
  day: day as 'MO',
  opens: '07:00',
  closes: '09:00',
}))
const EVENING = MORNING.map((hours) => ({ ...hours, opens: '19:00', closes: '21:00' }))

const CULTURE = { category: 'cultural', tier: 'personalized', unit: 'visit', mode: 'onsite' } as const
const TAI_CHI = { ...CULTURE, term: 'tai_chi', price: 10_000, languages: ['zh'] } as const

const BATHING = {
  category: 'life_care',
  term: 'bathing_help',
  tier: 'basic',
  unit: 'visit',
  price: 30_000,
  units: 40,
  languages: ['zh'],
} as const

/** One of each kind that the journey comes across. */
const OFFERINGS = [
  {
    ...TAI_CHI,
    name: 'Tai chi in the park',
    units: 40,
    hours: { weekly: MORNING },
    eligibility: { fact: 'age', op: 'gte', value: 60 },
  },
  { ...TAI_CHI, name: 'Tai chi after work', units: 40, hours: { weekly: EVENING } },
  { ...TAI_CHI, name: 'Tai chi by video', units: 40, mode: 'remote', languages: ['en'] },
  { ...BATHING, name: 'Bathing at home', mode: 'home', caregiverGenders: ['female'] },
  { ...BATHING, name: 'Bathing at the hall', mode: 'onsite' },
  { ...CULTURE, name: 'Garden bed', term: 'garden_bed', unit: 'month', price: 0, units: 1 },
  { ...CULTURE, name: 'Calligraphy', term: 'calligraphy', price: 8_000, units: 10 },
] as const

/** Publishes everything at one place, with what there is of it in the month. */
export async function publishOfferings(side: ProviderSide): Promise<void> {
  const { client, transcript, period, community } = side
  const location = await answerOf(
    client.POST('/v1/locations', {
      body: {
        name: 'Riverside Hall',
        address: '1 Riverside',
        areaId: community.id,
        point: community.point!,
      },
    }),
  )
  for (const { units, ...offering } of OFFERINGS) {
    const capacities = [{ period, units }]
    const body = { ...offering, locationId: location.id, capacities } as unknown as Published
    await answerOf(client.POST('/v1/offerings', { body }))
  }
  transcript.tell(
    WHO,
    'publishes tai chi of three kinds, bathing of two, a garden bed and calligraphy',
    'each with its places of the month; tai chi in the park is for people of 60 and over',
  )
}

/** Takes a referral, and asks what it may know of whom it will serve. */
export async function acceptAndMeet(side: ProviderSide, referralId: string): Promise<void> {
  await accept(side, referralId)
  const { client, transcript } = side
  const facts = await answerOf(
    client.GET('/v1/referrals/{id}/resident', { params: { path: { id: referralId } } }),
  )
  const told = Object.entries(facts).filter(([, fact]) => fact !== null)
  transcript.tell(
    WHO,
    'accepts, and asks who is coming',
    `with her consent: ${told.map(([name]) => name).join(', ')}; ${Object.keys(facts).length - told.length} other facts stay unknown, her home among them`,
  )
  expect(facts.point === null && facts.mobility === 'slow', 'only what was consented to is told')
}

/** Takes a referral. */
export async function accept({ client }: ProviderSide, referralId: string): Promise<Schemas['Referral']> {
  const path = { id: referralId }
  const offered = await answerOf(client.GET('/v1/referrals/{id}', { params: { path } }))
  return answerOf(
    client.POST('/v1/referrals/{id}/acceptance', {
      params: { path, header: ifMatch(offered) },
      body: {},
    }),
  )
}

/** Starts, records three of the four visits, and closes: what is left of the holds is free again. */
export async function serve(side: ProviderSide, referralId: string): Promise<Schemas['Delivery']> {
  const { client, transcript } = side
  const path = { id: referralId }
  const accepted = await answerOf(client.GET('/v1/referrals/{id}', { params: { path } }))
  const started = await answerOf(
    client.POST('/v1/referrals/{id}/start', { params: { path, header: ifMatch(accepted) }, body: {} }),
  )
  const { now } = await answerOf(client.GET('/v1/sandbox/clock'))
  const delivery = await answerOf(
    client.POST('/v1/referrals/{id}/deliveries', {
      params: { path },
      body: { units: 3, deliveredAt: now },
    }),
  )
  const current = await answerOf(client.GET('/v1/referrals/{id}', { params: { path } }))
  const completed = await answerOf(
    client.POST('/v1/referrals/{id}/completion', { params: { path, header: ifMatch(current) }, body: {} }),
  )
  transcript.tell(
    WHO,
    'starts the service, records 3 visits of the 4, and closes it',
    `${started.status}, then ${completed.status}: ${delivery.units} visits are paid, what was held for the fourth is free again`,
  )
  return delivery
}

/** Takes the referral that the resident has accepted by the link. */
export async function acceptAnswered(side: ProviderSide, referralId: string): Promise<void> {
  const { status, residentAnswer } = await accept(side, referralId)
  side.transcript.tell(WHO, 'accepts as well', `referral ${status}, resident ${residentAnswer}`)
}

/** Finds the petition among those that are open, and answers it. */
export async function answerPetition(side: ProviderSide): Promise<void> {
  const { client, transcript } = side
  const { items } = await answerOf(
    client.GET('/v1/petitions', { params: { query: { state: 'open', term: 'dialysis_ride' } } }),
  )
  expect(items.length === 1, 'the petition is open to everybody')
  const { id, signatures } = items[0]!
  const text = 'From next month on we drive on Tuesdays and Fridays.'
  const answered = await answerOf(
    client.POST('/v1/petitions/{id}/answers', { params: { path: { id } }, body: { text } }),
  )
  transcript.tell(
    WHO,
    `answers the petition that ${signatures} residents stand behind`,
    `${answered.state}: “${answered.answers[0]!.text}”`,
  )
}
