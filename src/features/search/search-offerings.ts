import type { Context } from '../../platform/context.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { assuranceStateAt } from '../catalog/assurance-schemas.ts'
import type { OfferingDetail } from '../catalog/get-offering.ts'
import { actsFor } from '../catalog/own-rows.ts'
import { permit } from '../identity/permissions.ts'
import { candidatesOf } from './candidates.ts'
import { countFacets, type FacetCounts } from './count-facets.ts'
import { orderOf, readCursor, writeCursor } from './cursor.ts'
import { cutPage } from './cut-page.ts'
import { ruleOutFull } from './free-capacity.ts'
import type { ShownOffering } from './index-row.ts'
import { freshIndex } from './offering-index.ts'
import { type Asked, wantedBy } from './question-filters.ts'
import { SearchOfferings, type SearchQuestion } from './schemas.ts'
import { areasWithin, reachNow, type Surroundings } from './surroundings.ts'

/** A result: the offering, and how far it is where that was asked. */
export type FoundRow = OfferingDetail & { walkingMinutes: number | null }

export interface Search {
  items: FoundRow[]
  nextCursor: string | null
  /** Results on all pages. */
  total: number
  facets: FacetCounts
}

/**
 * Offerings that fit the question, nearest, best fitting or oldest first; a provider finds its own. What was committed
 * before the call is in the answer.
 * @throws Refusal `invalid_input` with the pointer of every flaw, `state_conflict` for `near` before a policy is
 *   adopted.
 */
export async function searchOfferings(ctx: Context, input: SearchOfferings): Promise<Search> {
  permit(ctx, 'offering.read')
  const question = parseInput(SearchOfferings, input)
  const { segments, surroundings } = await freshIndex(ctx)
  const wanted = wantedBy(question, await asked(ctx, question, surroundings))
  const candidates = segments.map((segment) => candidatesOf(segment, wanted))
  const { freeIn } = question
  const parts = freeIn ? await ruleOutFull(ctx, candidates, freeIn) : candidates
  const order = orderOf(question)
  const after = question.cursor ? readCursor(question.cursor) : null
  const { places, more, total } = cutPage(parts, after, question.limit)
  const now = ctx.clock()
  return {
    items: places.map(({ shown, key }) => toFoundRow(shown, order === 'minutes' ? tenths(key) : null, now)),
    nextCursor: more ? writeCursor(order, places.at(-1)!) : null,
    total,
    facets: countFacets(parts),
  }
}

/** The same, asked in a body: facts about a person and where they are stay out of addresses and logs. */
export const searchOfferingsPrivately = searchOfferings

async function asked(
  ctx: Context,
  { near, areaId }: SearchQuestion,
  surroundings: Surroundings,
): Promise<Asked> {
  return {
    actor: ctx.actor,
    mayFind: (organizationId) => actsFor(ctx, organizationId),
    areaIds: areaId ? await areasWithin(ctx, surroundings, areaId) : null,
    reach: near ? await reachNow(ctx, surroundings) : null,
  }
}

function toFoundRow(shown: ShownOffering, walkingMinutes: number | null, now: Date): FoundRow {
  const { assurance } = shown
  const told = assurance && { ...assurance, state: assuranceStateAt(assurance, now) }
  return { ...shown, assurance: told, walkingMinutes }
}

function tenths(minutes: number): number {
  return Math.round(minutes * 10) / 10
}
