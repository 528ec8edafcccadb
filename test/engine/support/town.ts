import { createProblemBuilder, type Problem, type Uses } from '../../../src/engine/problem.ts'
import { createRandom, type Random } from '../../../src/engine/random.ts'

/** What a synthetic town is made of; amounts of money are in cents. */
export interface TownPlan {
  readonly needs: number
  readonly seed: number
  /** Options per need to aim for; half of them are self-paid, half through a program. Default 20. */
  readonly options?: number
  /** Places offered per need. Default 0.7. */
  readonly supply?: number
  /** Most places one need takes; the lumpier, the harder. Default 8. */
  readonly lump?: number
}

interface Offering {
  readonly place: number
  readonly capacity: number
  readonly staff: number
  readonly price: number
  readonly quality: number
}

const TIERS = [90, 50, 25] as const

/**
 * A seeded town on a ring: needs draw on the nearest offerings of their tier, each paid out of the
 * wallet or by one of two programs that subsidize up to a personal cap. Places, staff time and funds
 * are scarce. For tests of the engine only.
 */
export function syntheticTown(plan: TownPlan): Problem {
  const random = createRandom(plan.seed)
  const builder = createProblemBuilder()
  const perNeed = Math.max(1, Math.round((plan.options ?? 20) / 2))
  const supply = plan.supply ?? 0.7
  const lump = plan.lump ?? 8
  const funds = [0, 1].map((k) =>
    builder.account(`fund:${k}`, Math.round(plan.needs * (k === 0 ? 670 : 335) * supply * ((1 + lump) / 2))),
  )
  const offerings = TIERS.map((_, tier) => {
    const count = Math.max(perNeed, Math.round(plan.needs / 24))
    return Array.from({ length: count }, (_v, i) =>
      offering(builder, random, tier, i, ((plan.needs * supply) / 3 / count) * ((1 + lump) / 2)),
    )
  })
  let made = 0
  for (let r = 0; made < plan.needs; r++) {
    builder.resident(`r${r}`)
    const wallet = builder.privateAccount('wallet', 2000 + random.below(12000))
    const caps = funds.map((_f, k) => builder.privateAccount(`cap:${k}`, 4000 + random.below(8000)))
    const place = random.below(1_000_000)
    const count = Math.min(plan.needs - made, 1 + random.below(3))
    for (let i = 0; i < count; i++) {
      builder.need(`n${made++}`)
      const tier = random.below(3)
      const near = nearest(offerings[tier]!, place, perNeed)
      addOptions(
        builder,
        random,
        near,
        TIERS[tier]! * (10 + random.below(8)),
        place,
        wallet,
        caps,
        funds,
        lump,
      )
    }
  }
  return builder.build()
}

function offering(
  builder: ReturnType<typeof createProblemBuilder>,
  random: Random,
  tier: number,
  i: number,
  mean: number,
): Offering {
  const places = Math.max(1, Math.round(mean * (0.4 + random.below(1200) / 1000)))
  return {
    place: random.below(1_000_000),
    capacity: builder.account(`capacity:${tier}:${i}`, places),
    staff: builder.account(`staff:${tier}:${i}`, places * 45),
    price: 400 + random.below(1600),
    quality: random.below(30),
  }
}

function nearest(offerings: readonly Offering[], place: number, count: number): Offering[] {
  const distance = (o: Offering) => ringDistance(o.place, place)
  return [...offerings].sort((a, b) => distance(a) - distance(b)).slice(0, count)
}

function ringDistance(a: number, b: number): number {
  const d = Math.abs(a - b)
  return Math.min(d, 1_000_000 - d)
}

function addOptions(
  builder: ReturnType<typeof createProblemBuilder>,
  random: Random,
  near: readonly Offering[],
  weight: number,
  place: number,
  wallet: number,
  caps: readonly number[],
  funds: readonly number[],
  lump: number,
): void {
  const units = 1 + random.below(lump)
  near.forEach((o, i) => {
    const closeness = 30 - Math.floor((30 * i) / near.length)
    const utility = weight * (60 + o.quality + closeness + (ringDistance(o.place, place) < 5000 ? 5 : 0))
    const cost = o.price * units
    const uses: Uses = [
      [o.capacity, units],
      [o.staff, units * (30 + random.below(30))],
    ]
    builder.option(`o${i}:self`, utility, uses, [[wallet, cost]])
    const k = random.below(2)
    const paid = Math.round(cost * (k === 0 ? 0.8 : 0.6))
    builder.option(
      `o${i}:p${k}`,
      utility,
      [...uses, [funds[k]!, paid]],
      [
        [wallet, cost - paid],
        [caps[k]!, paid],
      ],
    )
  })
}
