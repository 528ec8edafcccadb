/** The purchaser: an officer who drafts and matches, and another person who approves. */
import { answerOf, type LifecircleClient, matchArea, type Schemas } from '../../openapi/client/client.ts'
import { expect, ifMatch, money, refusalOf, type Transcript } from './transcript.ts'

const WHO = 'Officer, finance'

export interface OfficeSide {
  officer: LifecircleClient
  finance: LifecircleClient
  transcript: Transcript
  period: string
  community: Schemas['Area']
}

/** A fund of its own for the journey, through both hands. */
export async function openFund(side: OfficeSide): Promise<void> {
  const { officer, finance, transcript, period, community } = side
  const draft = await answerOf(
    officer.POST('/v1/programs', {
      body: {
        areaId: community.id,
        period,
        name: 'Good old age',
        categories: ['cultural', 'life_care'],
        tiers: ['basic', 'personalized'],
        budget: 50_000_000,
        subsidyShare: 6000,
        eligibility: { fact: 'careLevel', op: 'gte', value: 2 },
      },
    }),
  )
  const path = { id: draft.id }
  const submitted = await answerOf(
    officer.POST('/v1/programs/{id}/submission', { params: { path, header: ifMatch(draft) } }),
  )
  const approved = await answerOf(
    finance.POST('/v1/programs/{id}/approval', { params: { path, header: ifMatch(submitted) } }),
  )
  const opened = await answerOf(
    officer.POST('/v1/programs/{id}/opening', { params: { path, header: ifMatch(approved) } }),
  )
  transcript.tell(
    WHO,
    'draft, submit, approve and open a program that pays 60 % from care level 2 on',
    `${opened.state}, with ${money(opened.budget)} TWD in its fund`,
  )
}

/** Matches the community's open needs; whoever started the run may not approve it. */
export async function matchAndApprove(side: OfficeSide): Promise<void> {
  const { officer, finance, transcript, period, community } = side
  const run = await matchArea(officer, community.id, period)
  expect(run.state === 'proposed', `the run is ${run.state}: ${run.failure}`)
  const params = { path: { id: run.id }, header: ifMatch(run) }
  const refused = await refusalOf('forbidden', officer.POST('/v1/runs/{id}/approval', { params, body: {} }))
  const approved = await answerOf(finance.POST('/v1/runs/{id}/approval', { params, body: {} }))
  const { value, bound, gap } = run.result!
  expect(value <= bound && gap < 0.05, 'the value is close to its proved bound')
  transcript.tell(
    WHO,
    'match the community’s open needs; both want to approve what the run proposes',
    `the officer: ${refused.status} ${refused.code}; the other person: ${approved.state}, and the offers go out`,
  )
}
