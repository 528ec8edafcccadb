/** A market whose services have begun, in a zone whose months end before those of UTC. */
import { eq } from 'drizzle-orm'
import { beginServices, type Service } from '../../../scripts/settlement/begin-services.ts'
import { foundMarket, type Market, TIME_ZONE } from '../../../scripts/settlement/market.ts'
import { matches } from '../../../src/features/matching/tables.ts'
import { decideDispute } from '../../../src/features/referrals/decide-dispute.ts'
import { disputeDelivery } from '../../../src/features/referrals/dispute-delivery.ts'
import { moveReferral } from '../../../src/features/referrals/move-referral.ts'
import { type DeliveryRow, recordDelivery } from '../../../src/features/referrals/record-delivery.ts'
import { deliveries, referrals } from '../../../src/features/referrals/tables.ts'
import { settlePeriod } from '../../../src/features/settlement/settle-period.ts'
import type { SettlementRow } from '../../../src/features/settlement/write-statements.ts'
import { type Actor, createContext } from '../../../src/platform/context.ts'
import type { TestWorld } from '../../support/test-world.ts'

export class SettledMarket {
  readonly world: TestWorld
  readonly market: Market

  private constructor(world: TestWorld, market: Market) {
    this.world = world
    this.market = market
  }

  static async open(world: TestWorld, programs?: number): Promise<SettledMarket> {
    const { db, log, encryptionKey, clock } = world
    const ground = { db, log, encryptionKey, currency: 'TWD', timeZone: TIME_ZONE, clock: clock.read }
    const as = (actor: Actor) => createContext({ ...ground, actor })
    return new SettledMarket(
      world,
      await foundMarket(as, { providers: 2, units: 1_000_000, ...(programs ? { programs } : {}) }),
    )
  }

  as(actor: Actor) {
    return this.market.as(actor)
  }

  begin(wanted: number, seed = 1): Promise<Service[]> {
    return beginServices(this.market, wanted, seed)
  }

  /** Services of one program, with so many units at least. */
  async servicesOf(services: readonly Service[], programId: string, units = 1): Promise<Service[]> {
    const rows = await this.world.db.root
      .select({ id: matches.id })
      .from(matches)
      .where(eq(matches.programId, programId))
    const own = new Set(rows.map(({ id }) => id))
    return services.filter(({ matchId, quantity }) => own.has(matchId) && quantity >= units)
  }

  async deliver(service: Service, units = 1, at?: string): Promise<DeliveryRow> {
    this.world.clock.advance(1000)
    const deliveredAt = at ?? this.world.clock.read().toISOString()
    const wanted = { referralId: service.referralId, units, deliveredAt }
    return recordDelivery(this.as(service.provider), wanted)
  }

  async dispute({ id }: { id: string }): Promise<DeliveryRow> {
    this.world.clock.advance(1000)
    const wanted = {
      id,
      expectedVersion: (await this.delivery(id)).version,
      reason: 'not_delivered',
    } as const
    return disputeDelivery(this.as(this.market.partner), wanted)
  }

  async decide({ id }: { id: string }, decision: 'annulled' | 'sustained'): Promise<DeliveryRow> {
    this.world.clock.advance(1000)
    const expectedVersion = (await this.delivery(id)).version
    return decideDispute(this.as(this.market.officer), { id, expectedVersion, decision })
  }

  async annul(delivery: { id: string }): Promise<void> {
    await this.dispute(delivery)
    await this.decide(delivery, 'annulled')
  }

  async complete({ referralId, provider }: Service): Promise<void> {
    this.world.clock.advance(1000)
    const [row] = await this.world.db.root.select().from(referrals).where(eq(referrals.id, referralId))
    const wanted = { id: referralId, event: 'complete', expectedVersion: row!.version, reason: null } as const
    await moveReferral(this.as(provider), wanted)
  }

  async settle(programId: string, period: string, actor = this.market.settler): Promise<SettlementRow> {
    this.world.clock.advance(1000)
    return settlePeriod(this.as(actor), { programId, period })
  }

  async delivery(id: string): Promise<DeliveryRow> {
    const [row] = await this.world.db.root.select().from(deliveries).where(eq(deliveries.id, id))
    return row!
  }
}
