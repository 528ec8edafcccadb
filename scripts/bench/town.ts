/**
 * Synthetic towns of any size for the benchmark: communities on a plane, needs around their centers, offerings within
 * a walk, several providers' staff shared by their offerings, a district's programs with per-resident caps. Places,
 * staff time and money are scarce. Seeded; time and memory grow with the number of needs.
 */
import {
  createProblemBuilder,
  type Problem,
  type ProblemBuilder,
  type Uses,
} from '../../src/engine/problem.ts'
import { createRandom, type Random } from '../../src/engine/random.ts'

export interface TownPlan {
  needs: number
  seed: number
}

interface Offering {
  x: number
  y: number
  capacity: number
  staff: number
  /** Cents per unit. */
  price: number
  quality: number
}

const NEEDS_PER_COMMUNITY = 100
const COMMUNITY_METERS = 600
const REACH_METERS = 1000
/** Offerings considered per need; with a way to pay alone and one program each, about 20 options. */
const NEAREST = 10
const KINDS = 4
const TIER_WEIGHTS = [300, 200, 100]
/** Of one kind, per offering: a station serves some twenty people. */
const NEEDS_PER_OFFERING = 20
const NEEDS_PER_DISTRICT = 20_000

/** Supply in units of service per unit of need: below 1, so that not everybody can be served. */
const SUPPLY = 0.75

export function syntheticTown({ needs, seed }: TownPlan): Problem {
  const random = createRandom(seed)
  const builder = createProblemBuilder()
  const side = Math.ceil(Math.sqrt(needs / NEEDS_PER_COMMUNITY)) * COMMUNITY_METERS
  const districts = Math.ceil(needs / NEEDS_PER_DISTRICT)
  const funds = Array.from({ length: districts * 2 }, (_, fund) =>
    builder.account(`fund:${fund}`, Math.round((needs / districts) * 1500)),
  )
  const kinds = Array.from({ length: KINDS }, (_, kind) =>
    createGrid(builder, random, kind, needs / KINDS, side),
  )
  for (let made = 0, resident = 0; made < needs; resident++) {
    const home = { x: random.below(side), y: random.below(side) }
    const district = Math.floor((made / needs) * districts)
    const payers = openResident(builder, random, resident, [funds[district * 2]!, funds[district * 2 + 1]!])
    for (let more = 1 + random.below(3); more > 0 && made < needs; more--, made++) {
      addNeed(builder, random, made, home, kinds[random.below(KINDS)]!, payers)
    }
  }
  return builder.build()
}

interface Grid {
  cells: Map<number, Offering[]>
  columns: number
}

function createGrid(
  builder: ProblemBuilder,
  random: Random,
  kind: number,
  needs: number,
  side: number,
): Grid {
  const grid: Grid = { cells: new Map(), columns: Math.ceil(side / REACH_METERS) }
  const count = Math.max(NEAREST, Math.round(needs / NEEDS_PER_OFFERING))
  const units = ((needs * 4.5 * SUPPLY) / count) | 0
  let staff = 0
  for (let index = 0; index < count; index++) {
    if (index % 3 === 0) staff = builder.account(`staff:${kind}:${index / 3}`, Math.round(units * 3 * 40))
    const offering = {
      x: random.below(side),
      y: random.below(side),
      capacity: builder.account(
        `capacity:${kind}:${index}`,
        Math.max(1, Math.round(units * (0.5 + random.below(1000) / 1000))),
      ),
      staff,
      price: 400 + random.below(1600),
      quality: random.below(30),
    }
    const cell = cellOf(grid, offering.x, offering.y)
    const same = grid.cells.get(cell)
    if (same) same.push(offering)
    else grid.cells.set(cell, [offering])
  }
  return grid
}

const cellOf = ({ columns }: Grid, x: number, y: number) =>
  Math.floor(y / REACH_METERS) * columns + Math.floor(x / REACH_METERS)

interface Payers {
  wallet: number
  programs: { fund: number; cap: number; share: number }[]
}

function openResident(
  builder: ProblemBuilder,
  random: Random,
  resident: number,
  funds: [number, number],
): Payers {
  builder.resident(`r${resident}`)
  return {
    wallet: builder.privateAccount('wallet', 1500 + random.below(9000)),
    programs: funds.map((fund, index) => ({
      fund,
      cap: builder.privateAccount(`cap:${index}`, 3000 + random.below(6000)),
      share: index === 0 ? 0.84 : 0.6,
    })),
  }
}

function addNeed(
  builder: ProblemBuilder,
  random: Random,
  index: number,
  home: { x: number; y: number },
  grid: Grid,
  { wallet, programs }: Payers,
): void {
  builder.need(`n${index}`)
  const units = 1 + random.below(8)
  const weight = TIER_WEIGHTS[random.below(TIER_WEIGHTS.length)]! * (100 + random.below(60))
  const program = programs[random.below(programs.length)]!
  for (const [place, { offering, meters }] of nearest(grid, home).entries()) {
    const near = Math.round(30 * (1 - meters / REACH_METERS))
    const cost = offering.price * units
    const uses: Uses = [
      [offering.capacity, units],
      [offering.staff, units * (25 + (offering.quality % 3) * 10)],
    ]
    const utility = weight * (50 + near + offering.quality)
    builder.option(`o${place}:self`, utility, uses, [[wallet, cost]])
    const paid = Math.round(cost * program.share)
    builder.option(
      `o${place}:program`,
      utility + weight * 5,
      [...uses, [program.fund, paid]],
      [
        [wallet, cost - paid],
        [program.cap, paid],
      ],
    )
  }
}

function nearest(grid: Grid, { x, y }: { x: number; y: number }): { offering: Offering; meters: number }[] {
  const found: { offering: Offering; meters: number }[] = []
  for (let dy = -REACH_METERS; dy <= REACH_METERS; dy += REACH_METERS) {
    for (let dx = -REACH_METERS; dx <= REACH_METERS; dx += REACH_METERS) {
      if (x + dx < 0 || Math.floor((x + dx) / REACH_METERS) >= grid.columns) continue
      for (const offering of grid.cells.get(cellOf(grid, x + dx, y + dy)) ?? []) {
        const meters = Math.hypot(offering.x - x, offering.y - y)
        if (meters <= REACH_METERS) found.push({ offering, meters })
      }
    }
  }
  return found.sort((a, b) => a.meters - b.meters).slice(0, NEAREST)
}
