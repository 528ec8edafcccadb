/** A referral on its way: opened for one match, and moved as its parties would. */
import { eq } from 'drizzle-orm'
import { expect } from 'vitest'
import { matches } from '../../../src/features/matching/tables.ts'
import { acceptOffer } from '../../../src/features/referrals/accept-offer.ts'
import { getReferral, type ReferralRow } from '../../../src/features/referrals/get-referral.ts'
import { moveReferral, type PartyEvent } from '../../../src/features/referrals/move-referral.ts'
import { openReferrals } from '../../../src/features/referrals/open-referrals.ts'
import { type DeliveryRow, recordDelivery } from '../../../src/features/referrals/record-delivery.ts'
import type { ReferralReason } from '../../../src/features/referrals/schemas.ts'
import { referrals } from '../../../src/features/referrals/tables.ts'
import { needs } from '../../../src/features/residents/tables.ts'
import { approveRun } from '../../../src/features/review/approve-run.ts'
import type { Actor } from '../../../src/platform/context.ts'
import { events } from '../../../src/platform/events/tables.ts'
import { reconcile } from '../../../src/platform/ledger/reconcile.ts'
import { accounts } from '../../../src/platform/ledger/tables.ts'
import type { TestWorld } from '../../support/test-world.ts'
import { type ProposedRun, proposeRun, type Town } from './proposed-run.ts'

export interface Opened {
  run: ProposedRun
  referral: ReferralRow
}

/** What a step does to the referral as it is now. `yes` = the resident accepts. */
export type Step = 'accept' | 'yes' | 'start'

export class Parties {
  readonly world: TestWorld
  readonly town: Town

  constructor(world: TestWorld, town: Town) {
    this.world = world
    this.town = town
  }

  /** A run of one match, approved and opened, and moved on by these steps. */
  async opened({ quantity = 1, steps = [] as readonly Step[] } = {}): Promise<Opened> {
    const run = await proposeRun(this.world, this.town, 1, quantity)
    const finance = this.world.context(this.town.finance)
    await approveRun(finance, { runId: run.runId, expectedVersion: 1 })
    await openReferrals(finance, run.runId)
    let referral = await this.referralOf(run.matchIds[0]!)
    for (const step of steps) referral = await this.step(referral, step)
    return { run, referral }
  }

  async referralOf(matchId: string): Promise<ReferralRow> {
    const [row] = await this.world.db.root.select().from(referrals).where(eq(referrals.matchId, matchId))
    return this.read(row!)
  }

  read({ id }: { id: string }): Promise<ReferralRow> {
    return getReferral(this.world.context(this.town.provider), id)
  }

  step(row: ReferralRow, step: Step): Promise<ReferralRow> {
    return step === 'yes' ? this.yes(row) : this.move(this.town.provider, row, step)
  }

  yes({ id, version }: ReferralRow): Promise<ReferralRow> {
    return acceptOffer(this.world.context(this.town.partner), { id, expectedVersion: version })
  }

  move(
    actor: Actor,
    { id, version }: ReferralRow,
    event: PartyEvent,
    reason: ReferralReason | null = null,
  ): Promise<ReferralRow> {
    return moveReferral(this.world.context(actor), { id, event, expectedVersion: version, reason })
  }

  /** The provider says that it has delivered so much, just now. */
  deliver({ id }: { id: string }, units: number): Promise<DeliveryRow> {
    const deliveredAt = this.world.clock.read().toISOString()
    return recordDelivery(this.world.context(this.town.provider), { referralId: id, units, deliveredAt })
  }

  /** What became of the match, its need and what it held; the books balance. */
  async afterwards({ matchIds, needIds, fundId, capacityId }: ProposedRun) {
    const { root } = this.world.db
    const [match] = await root.select().from(matches).where(eq(matches.id, matchIds[0]!))
    const [need] = await root.select().from(needs).where(eq(needs.id, needIds[0]!))
    const [fund] = await root.select().from(accounts).where(eq(accounts.id, fundId))
    const [places] = await root.select().from(accounts).where(eq(accounts.id, capacityId))
    expect(await reconcile(this.world.context())).toMatchObject({ differences: [], unbalancedUnits: [] })
    return {
      match: match!.state,
      need: need!.state,
      held: fund!.held,
      spent: fund!.spent,
      places: places!.held,
      used: places!.spent,
    }
  }

  /** What was told of an object, and to whom. */
  async told(objectId: string) {
    const rows = await this.world.db.root
      .select()
      .from(events)
      .where(eq(events.objectId, objectId))
      .orderBy(events.position)
    return rows.map(({ type, audience, data }) => ({ type, audience, data: data as Record<string, unknown> }))
  }

  /** Whom every event of a referral concerns. */
  everybody(): string[] {
    const { provider, partner, finance } = this.town
    return [provider, partner, finance].map(({ organizationId }) => organizationId)
  }
}
