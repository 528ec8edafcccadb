/** The whole journey, chapter by chapter, through the typed client alone. */
import { answerOf, createLifecircleClient, type Schemas } from '../../openapi/client/client.ts'
import { answerByLink, petition, takeConsentBack, tryToBook, turnClock } from './answers.ts'
import {
  type AppSide,
  askForTaiChi,
  book,
  compareOptions,
  confirmAndRate,
  consentAndTopUp,
  explain,
  makeMistakes,
  offerFor,
  readStatement,
  registerMrsChen,
  registerNeed,
} from './app.ts'
import { erase, exportAll, listEvents } from './farewell.ts'
import { type Inbox, openInbox } from './inbox.ts'
import { matchAndApprove, type OfficeSide, openFund } from './office.ts'
import {
  acceptAndMeet,
  acceptAnswered,
  answerPetition,
  type ProviderSide,
  publishOfferings,
  serve,
} from './provider.ts'
import { expect, type Transcript } from './transcript.ts'

export interface JourneyOptions {
  baseUrl: string
  /** Keys, area and month, by the names that `lifecircle demo` gives them. */
  demo: Record<string, string>
  transcript: Transcript
}

interface Cast {
  app: AppSide
  provider: ProviderSide
  office: OfficeSide
}

/** Mrs. Chen and her neighbor. */
interface Residents {
  chen: Schemas['RegisteredResident']
  consent: Schemas['Consent']
  lin: Schemas['RegisteredResident']
}

/** @throws Error for anything that is not as it should be. */
export async function walkJourney(options: JourneyOptions): Promise<void> {
  const { baseUrl, demo, transcript } = options
  const client = createLifecircleClient(baseUrl, demo.PARTNER_KEY!)
  const inbox = await openInbox(client, { baseUrl, key: demo.PARTNER_KEY!, transcript })
  try {
    const cast = await castOf(options, client, inbox)
    await publishOfferings(cast.provider)
    await openFund(cast.office)
    const { chen, consent } = await hello(cast)
    const lin = await registerMrLin(cast.app)
    const residents = { chen, consent, lin }
    const served = await bookAndBeServed(cast, residents)
    const matched = await matchAndAnswer(cast, residents)
    await changeOfMind(cast, residents, matched)
    const ids = new Set([chen.id, ...served, ...matched.ids])
    await listEvents(cast.app, ids)
    await exportAll(cast.app, chen.id)
    await erase(cast.app, chen.id)
  } finally {
    await inbox.close()
  }
}

async function castOf(
  { baseUrl, demo, transcript }: JourneyOptions,
  client: AppSide['client'],
  inbox: Inbox,
): Promise<Cast> {
  const as = (key: string | undefined) => createLifecircleClient(baseUrl, key!)
  const query = { parentId: demo.AREA_ID!, kind: 'community', limit: 200 } as const
  const { items } = await answerOf(client.GET('/v1/areas', { params: { query } }))
  const [community] = items.sort((one, other) => (one.code < other.code ? -1 : 1))
  expect(community !== undefined && community.point !== null, 'the demo has communities')
  const common = { transcript, period: demo.PERIOD!, community: community! }
  return {
    app: { ...common, client, inbox },
    provider: { ...common, client: as(demo.PROVIDER_KEY) },
    office: { ...common, officer: as(demo.OFFICER_KEY), finance: as(demo.FINANCE_KEY) },
  }
}

async function hello({ app }: Cast) {
  const chen = await registerMrsChen(app)
  await makeMistakes(app)
  const consent = await consentAndTopUp(app, chen.id)
  return { chen, consent }
}

/** A neighbor whose needs weigh more. */
async function registerMrLin({ client, community }: AppSide): Promise<Schemas['RegisteredResident']> {
  const lin = await answerOf(
    client.POST('/v1/residents', {
      body: {
        reference: 'Mr. Lin, 4712',
        areaId: community.id,
        point: community.point!,
        birthYear: 1940,
        mobility: 'independent',
        assessments: [{ scheme: 'cms', level: 6 }],
        languages: ['zh'],
        consent: { purpose: 'matching', facts: ['location', 'languages', 'care_level', 'mobility'] },
      },
    }),
  )
  return lin
}

/** @returns ids of what came to be. */
async function bookAndBeServed({ app, provider }: Cast, { chen }: Residents): Promise<string[]> {
  const need = await askForTaiChi(app, chen.id)
  const best = await compareOptions(app, need)
  const booking = await book(app, need, best)
  await acceptAndMeet(provider, booking.referralId)
  const delivery = await serve(provider, booking.referralId)
  const feedback = await confirmAndRate(app, delivery)
  await readStatement(app, chen.id)
  return [need.id, booking.referralId, feedback.id]
}

interface Matched {
  ids: string[]
  /** Referrals. */
  bathing: string
  garden: string
  /** The need of Mrs. Chen's that had to wait. */
  waiting: string
}

async function matchAndAnswer({ app, provider, office }: Cast, { chen, lin }: Residents): Promise<Matched> {
  const bathing = await registerNeed(app, chen.id, {
    category: 'life_care',
    term: 'bathing_help',
    tier: 'basic',
    quantity: 8,
    preferences: { caregiverGender: 'female' },
  })
  const gardening = { category: 'cultural', term: 'garden_bed', tier: 'personalized', quantity: 1 } as const
  const garden = await registerNeed(app, chen.id, gardening)
  const gardenOfLin = await registerNeed(app, lin.id, gardening)
  await tryToBook(app, bathing, 'and a garden bed, as Mr. Lin does')
  await matchAndApprove(office)
  await explain(app, bathing, 'asks why her bathing was matched so', ['en', 'zh-Hant'])
  const offer = await offerFor(app, bathing.id)
  await answerByLink(app, offer)
  await acceptAnswered(provider, offer.id)
  const { explanation } = await explain(app, garden, 'asks why she got no garden bed')
  expect(explanation.change?.by === 1 && explanation.verified === true, 'the smallest change is one place')
  const offerOfLin = await offerFor(app, gardenOfLin.id)
  const ids = [bathing.id, garden.id, gardenOfLin.id, offer.id, offerOfLin.id]
  return { ids, bathing: offer.id, garden: offerOfLin.id, waiting: garden.id }
}

async function changeOfMind(
  { app, provider }: Cast,
  { chen, consent, lin }: Residents,
  matched: Matched,
): Promise<void> {
  const ride = await registerNeed(app, chen.id, {
    category: 'life_care',
    term: 'dialysis_ride',
    tier: 'inclusive',
    quantity: 12,
  })
  const petitionId = await petition(app, ride, lin)
  await answerPetition(provider)
  const calligraphy = await registerNeed(app, chen.id, {
    category: 'cultural',
    term: 'calligraphy',
    tier: 'personalized',
    quantity: 2,
  })
  const params = { path: { id: calligraphy.id } }
  const { options } = await answerOf(app.client.GET('/v1/needs/{id}/options', { params }))
  const { referralId } = await book(app, calligraphy, options[0]!)
  await takeConsentBack(app, consent, { open: referralId, accepted: matched.bathing })
  const given = await turnClock(app, {
    residentId: chen.id,
    unanswered: matched.garden,
    waiting: matched.waiting,
  })
  matched.ids.push(given, ride.id, petitionId, calligraphy.id, referralId)
}
