/** The marketplace, and places in it that are taken, given up and waited for. */
import { eq, sql } from 'drizzle-orm'
import { expect } from 'vitest'
import { createLocation } from '../../../src/features/catalog/create-location.ts'
import { publishOffering } from '../../../src/features/catalog/publish-offering.ts'
import type { PublishOffering } from '../../../src/features/catalog/schemas.ts'
import { SYSTEM } from '../../../src/features/identity/permissions.ts'
import { backfills, matches } from '../../../src/features/matching/tables.ts'
import { createBooking } from '../../../src/features/referrals/create-booking.ts'
import { getReferral } from '../../../src/features/referrals/get-referral.ts'
import { moveReferral } from '../../../src/features/referrals/move-referral.ts'
import { openBackfilled } from '../../../src/features/referrals/open-backfilled.ts'
import type { ReferralReason } from '../../../src/features/referrals/schemas.ts'
import { referrals } from '../../../src/features/referrals/tables.ts'
import type { RegisterResidents } from '../../../src/features/residents/schemas.ts'
import { needs } from '../../../src/features/residents/tables.ts'
import type { Context } from '../../../src/platform/context.ts'
import { createContext } from '../../../src/platform/context.ts'
import { reconcile } from '../../../src/platform/ledger/reconcile.ts'
import type { Rung } from '../../support/test-world.ts'
import { PERIOD } from '../referrals/proposed-run.ts'
import { type Marketplace, openMarketplace, person, register, wants } from './marketplace.ts'
import { metersNorth } from './snapshots.ts'

type ResidentInput = RegisterResidents['residents'][number]
type NeedInput = NonNullable<ResidentInput['needs']>[number]

export interface Taken {
  matchId: string
  referralId: string
  needId: string
}

export class Backfills {
  readonly market: Marketplace
  /** Acts as the jobs do, and sets off none. */
  readonly system: Context
  /** A kind of its own for every story, so that nobody waits for another one's places. */
  private stories = 0
  term = ''

  private constructor(market: Marketplace) {
    this.market = market
    const { db, log, clock, encryptionKey } = market.world
    this.system = createContext({ db, log, clock: clock.read, encryptionKey, currency: 'TWD', actor: SYSTEM })
  }

  static async open(rung: Rung = 'embedded'): Promise<Backfills> {
    return new Backfills(await openMarketplace(rung))
  }

  get root() {
    return this.market.world.db.root
  }

  beginStory(): void {
    this.term = `story_${++this.stories}`
  }

  /** Units of a service of the club's next door, for 3000 each. */
  async publish(units: number, more: Partial<PublishOffering> = {}): Promise<string> {
    const { market, term } = this
    const { club } = market.providers
    const at = { name: 'Club', address: 'Road 2', areaId: market.areas.north, point: metersNorth(50) }
    const { id } = await publishOffering(market.as(club), {
      locationId: (await createLocation(market.as(club), at)).id,
      name: 'Service',
      category: 'elderly_care',
      term,
      tier: 'personalized',
      mode: 'onsite',
      unit: 'day',
      price: 3000,
      capacities: [{ period: PERIOD, units }],
      ...more,
    })
    return id
  }

  /** Somebody in the north who wants it. */
  async wanting(need: Partial<NeedInput> = {}, more: Partial<ResidentInput> = {}): Promise<string> {
    const { market, term, root } = this
    const wanted = { ...wants(term), tier: 'personalized' as const, ...need }
    const [id] = await register(market, [person(market.areas.north, { needs: [wanted], ...more })])
    const [row] = await root.select().from(needs).where(eq(needs.residentId, id!))
    return row!.id
  }

  /** Somebody books so many units; nothing follows from that. */
  async taken(offeringId: string, quantity = 1): Promise<Taken> {
    const needId = await this.wanting({ quantity })
    const ctx = this.quiet(this.market.partner)
    const { matchId, referralId } = await createBooking(ctx, { needId, offeringId, programId: null })
    return { matchId, referralId, needId }
  }

  /** What they booked they give up; nothing follows from that yet. */
  async givenUp({ referralId }: Taken, reason: ReferralReason = 'other'): Promise<void> {
    const ctx = this.quiet(this.market.partner)
    const { version } = await getReferral(ctx, referralId)
    await moveReferral(ctx, { id: referralId, event: 'cancel', reason, expectedVersion: version })
  }

  /** A place of the offering that was taken and is free. */
  async freed(offeringId: string, quantity = 1): Promise<Taken> {
    const taken = await this.taken(offeringId, quantity)
    await this.givenUp(taken)
    return taken
  }

  /** A context that sets off no jobs. */
  quiet(actor: Context['actor']): Context {
    return { ...this.system, actor }
  }

  fill({ matchId }: Pick<Taken, 'matchId'>, reason: string | null = null): Promise<number> {
    return openBackfilled(this.system, matchId, reason)
  }

  /** Who got of a match's places, in order; null = nobody wanted what was left. */
  async winnersOf(matchId: string): Promise<(string | null)[]> {
    const rows = await this.root
      .select({ needId: matches.needId })
      .from(backfills)
      .leftJoin(matches, eq(matches.id, backfills.matchId))
      .where(eq(backfills.freedMatchId, matchId))
      .orderBy(backfills.position)
    return rows.map(({ needId }) => needId)
  }

  async stateOf(needId: string): Promise<string> {
    const [row] = await this.root.select().from(needs).where(eq(needs.id, needId))
    return row!.state
  }

  async referralOf(needId: string) {
    const [row] = await this.root
      .select({ referral: referrals, match: matches })
      .from(referrals)
      .innerJoin(matches, eq(matches.id, referrals.matchId))
      .where(sql`${matches.needId} = ${needId} and ${matches.state} = 'approved'`)
    return row!
  }

  async requireBalance(): Promise<void> {
    const { differences, unbalancedUnits } = await reconcile(this.system)
    expect({ differences, unbalancedUnits }).toEqual({ differences: [], unbalancedUnits: [] })
  }
}
