import { improve } from './improve.ts'
import { cutPart } from './part.ts'
import type { ProblemRows } from './problem.ts'
import { lot } from './random.ts'
import { reducedValue } from './repair.ts'
import { type Desk, FIGURE, MOST_REGIONS, SHORTLIST, type Workplace } from './workplace.ts'

/** The task of `JOB.list`: lists every need's options of highest reduced value, best first. */
export function listChunk(place: Workplace, chunk: number): void {
  const { rows, chunks, usable, prices, shortlist } = place
  const values = new Float64Array(SHORTLIST)
  const last = rows.residentNeeds[chunks[chunk + 1]!]!
  for (let need = rows.residentNeeds[chunks[chunk]!]!; need < last; need++) {
    const base = need * SHORTLIST
    let size = 0
    for (let option = rows.needOptions[need]!; option < rows.needOptions[need + 1]!; option++) {
      if (usable[option] === 0) continue
      const value = reducedValue(rows, prices, option)
      if (size === SHORTLIST && value <= values[size - 1]!) continue
      let rank = size < SHORTLIST ? size++ : size - 1
      for (; rank > 0 && values[rank - 1]! < value; rank--) {
        values[rank] = values[rank - 1]!
        shortlist[base + rank] = shortlist[base + rank - 1]!
      }
      values[rank] = value
      shortlist[base + rank] = option
    }
    shortlist.fill(-1, base + size, base + SHORTLIST)
  }
}

/** The task of `JOB.survey`: counts the region at every account that it could use, and draws lots. */
export function surveyRegion(place: Workplace, desk: Desk, region: number): void {
  const { users, owners } = place
  enterAccounts(place, desk, region, 0)
  for (let k = 0; k < desk.accountCount; k++) {
    const account = desk.accounts[k]!
    Atomics.add(users, account, 1)
    raise(owners, account, drawOf(place, account, region))
  }
  leaveAccounts(desk)
}

/** A region's lot for an account in this pass; the region is part of it, so no two draw the same. */
function drawOf({ seed, figures }: Workplace, account: number, region: number): number {
  const draw = lot(lot(seed, figures[FIGURE.pass]!) ^ region, account) >>> 1
  return (draw & ~(MOST_REGIONS - 1)) | region
}

/** Atomic maximum: the same whoever comes first. */
function raise(values: Int32Array, place: number, value: number): void {
  let seen = Atomics.load(values, place)
  while (seen < value) {
    const found = Atomics.compareExchange(values, place, seen, value)
    if (found === seen) return
    seen = found
  }
}

/** The task of `JOB.improve`: improves one region of one assignment within what it may use. */
export function improveRegion(place: Workplace, desk: Desk, task: number): void {
  const regions = place.figures[FIGURE.regions]!
  const lane = Math.floor(task / regions)
  const region = task % regions
  enterAccounts(place, desk, region, lane)
  const part = cutPart(place, desk, region, lane)
  const { figures, seed } = place
  const better = improve(
    part.rows,
    part.start,
    part.prices,
    {
      rounds: figures[FIGURE.rounds]!,
      before: figures[FIGURE.before]!,
      after: figures[FIGURE.after]!,
      seed: lot(lot(seed, figures[FIGURE.pass]!), task),
      goal: regions === 1 ? figures[FIGURE.goal]! : Number.POSITIVE_INFINITY,
    },
    desk.scratch,
  )
  const base = lane * (place.rows.needOptions.length - 1)
  for (const [n, need] of part.needs.entries()) {
    const option = better.choice[n]!
    place.assigned[base + need] = option < 0 ? -1 : part.options[option]!
  }
  leaveAccounts(desk)
  desk.scratch.reuse()
}

/** Numbers the accounts that a region's shortlists and its assigned options use. */
function enterAccounts(place: Workplace, desk: Desk, region: number, lane: number): void {
  const { rows, order, regionStarts, shortlist, assigned } = place
  const base = lane * (rows.needOptions.length - 1)
  for (let at = regionStarts[region]!; at < regionStarts[region + 1]!; at++) {
    const resident = order[at]!
    for (let need = rows.residentNeeds[resident]!; need < rows.residentNeeds[resident + 1]!; need++) {
      const held = assigned[base + need]!
      if (held >= 0) enterUses(rows, desk, held)
      for (let rank = 0; rank < SHORTLIST; rank++) {
        const option = shortlist[need * SHORTLIST + rank]!
        if (option < 0) break
        enterUses(rows, desk, option)
      }
    }
  }
}

function enterUses(rows: ProblemRows, desk: Desk, option: number): void {
  for (let use = rows.optionUses[option]!; use < rows.optionUses[option + 1]!; use++) {
    const account = rows.useAccounts[use]!
    if (desk.local[account]! >= 0) continue
    desk.local[account] = desk.accountCount
    desk.accounts[desk.accountCount++] = account
  }
}

function leaveAccounts(desk: Desk): void {
  for (let k = 0; k < desk.accountCount; k++) desk.local[desk.accounts[k]!] = -1
  desk.accountCount = 0
}
