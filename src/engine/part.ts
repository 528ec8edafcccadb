import type { ProblemRows } from './problem.ts'
import type { Scratch } from './scratch.ts'
import { type Desk, FIGURE, ownerOf, SHORTLIST, type Workplace } from './workplace.ts'

/** A region as a problem of its own: its residents, their shortlists, and what they may use. */
export interface Part {
  readonly rows: ProblemRows
  /** Prices of its accounts. */
  readonly prices: Float64Array
  /** Need of `rows` → need of the whole problem. */
  readonly needs: Int32Array
  /** Option of `rows` → option of the whole problem. */
  readonly options: Int32Array
  /** What its needs are assigned now. */
  readonly start: Int32Array
}

/**
 * Cuts a region out of one of the assignments that are being improved. Its accounts are numbered on the
 * desk; each is limited to what the region uses now and its part of what is left.
 */
export function cutPart(place: Workplace, desk: Desk, region: number, lane: number): Part {
  const { rows } = place
  const { scratch } = desk
  const scope = measure(place, region)
  const needs = scratch.ints(scope.needs)
  const start = scratch.ints(scope.needs).fill(-1)
  const residentNeeds = scratch.ints(scope.residents + 1)
  const residentAccounts = scratch.ints(scope.residents + 1)
  const needOptions = scratch.ints(scope.needs + 1)
  const privateLimits = scratch.amounts(rows.privateLimits, scope.privateAccounts)
  const choices = scratch.ints(scope.needs * (SHORTLIST + 1))
  const base = lane * (rows.needOptions.length - 1)
  let need = 0
  let option = 0
  let own = 0
  for (let r = 0; r < scope.residents; r++) {
    const resident = place.order[place.regionStarts[region]! + r]!
    for (let n = rows.residentNeeds[resident]!; n < rows.residentNeeds[resident + 1]!; n++) {
      needs[need] = n
      const first = option
      option = listOptions(place, n, place.assigned[base + n]!, choices, option)
      start[need++] = placeOf(choices, first, option, place.assigned[base + n]!)
      needOptions[need] = option
    }
    for (let k = rows.residentAccounts[resident]!; k < rows.residentAccounts[resident + 1]!; k++) {
      privateLimits[own++] = rows.privateLimits[k]!
    }
    residentNeeds[r + 1] = need
    residentAccounts[r + 1] = own
  }
  const options = choices.subarray(0, option)
  const uses = copyUses(rows, desk, options)
  const privateUses = copyPrivateUses(
    place,
    scratch,
    region,
    needOptions,
    residentNeeds,
    residentAccounts,
    options,
  )
  const utilities = scratch.amounts(rows.utilities, option)
  for (let o = 0; o < option; o++) utilities[o] = rows.utilities[options[o]!]!
  const allowance = allow(place, desk, region, lane, needs)
  const part = {
    privateLimits,
    residentAccounts,
    residentNeeds,
    needOptions,
    utilities,
    ...uses,
    ...privateUses,
  }
  return { rows: { ...part, ...allowance.rows }, prices: allowance.prices, needs, options, start }
}

function measure({ rows, order, regionStarts }: Workplace, region: number) {
  const scope = { residents: 0, needs: 0, privateAccounts: 0 }
  for (let at = regionStarts[region]!; at < regionStarts[region + 1]!; at++) {
    const resident = order[at]!
    scope.residents++
    scope.needs += rows.residentNeeds[resident + 1]! - rows.residentNeeds[resident]!
    scope.privateAccounts += rows.residentAccounts[resident + 1]! - rows.residentAccounts[resident]!
  }
  return scope
}

/** Lists a need's shortlist and the option it holds; returns the end of the list. */
function listOptions(place: Workplace, need: number, held: number, into: Int32Array, from: number): number {
  let end = from
  let seen = held < 0
  for (let rank = 0; rank < SHORTLIST; rank++) {
    const option = place.shortlist[need * SHORTLIST + rank]!
    if (option < 0) break
    into[end++] = option
    if (option === held) seen = true
  }
  if (!seen) into[end++] = held
  return end
}

function placeOf(options: Int32Array, first: number, end: number, option: number): number {
  if (option < 0) return -1
  for (let at = first; at < end; at++) if (options[at] === option) return at
  return -1
}

function copyUses(rows: ProblemRows, { local, scratch }: Desk, options: Int32Array) {
  const optionUses = scratch.ints(options.length + 1)
  for (const [o, option] of options.entries()) {
    optionUses[o + 1] = optionUses[o]! + rows.optionUses[option + 1]! - rows.optionUses[option]!
  }
  const useAccounts = scratch.ints(optionUses[options.length]!)
  const useAmounts = scratch.amounts(rows.useAmounts, useAccounts.length)
  for (let o = 0; o < options.length; o++) {
    let from = rows.optionUses[options[o]!]!
    for (let use = optionUses[o]!; use < optionUses[o + 1]!; use++, from++) {
      useAccounts[use] = local[rows.useAccounts[from]!]!
      useAmounts[use] = rows.useAmounts[from]!
    }
  }
  return { optionUses, useAccounts, useAmounts }
}

function copyPrivateUses(
  { rows, order, regionStarts }: Workplace,
  scratch: Scratch,
  region: number,
  needOptions: Int32Array,
  residentNeeds: Int32Array,
  residentAccounts: Int32Array,
  options: Int32Array,
) {
  const optionPrivateUses = scratch.ints(options.length + 1)
  for (const [o, option] of options.entries()) {
    optionPrivateUses[o + 1] =
      optionPrivateUses[o]! + rows.optionPrivateUses[option + 1]! - rows.optionPrivateUses[option]!
  }
  const privateUseAccounts = scratch.ints(optionPrivateUses[options.length]!)
  const privateUseAmounts = scratch.amounts(rows.privateUseAmounts, privateUseAccounts.length)
  for (let r = 0; r + 1 < residentNeeds.length; r++) {
    const resident = order[regionStarts[region]! + r]!
    const shift = residentAccounts[r]! - rows.residentAccounts[resident]!
    const last = needOptions[residentNeeds[r + 1]!]!
    for (let o = needOptions[residentNeeds[r]!]!; o < last; o++) {
      let from = rows.optionPrivateUses[options[o]!]!
      for (let use = optionPrivateUses[o]!; use < optionPrivateUses[o + 1]!; use++, from++) {
        privateUseAccounts[use] = rows.privateUseAccounts[from]! + shift
        privateUseAmounts[use] = rows.privateUseAmounts[from]!
      }
    }
  }
  return { optionPrivateUses, privateUseAccounts, privateUseAmounts }
}

/** Limits, floors and prices of the region's accounts. */
function allow(place: Workplace, desk: Desk, region: number, lane: number, needs: Int32Array) {
  const { rows, assigned, prices } = place
  const { scratch } = desk
  const count = desk.accountCount
  const used = scratch.doubles(count)
  const base = lane * (rows.needOptions.length - 1)
  for (const need of needs) {
    const option = assigned[base + need]!
    if (option < 0) continue
    for (let use = rows.optionUses[option]!; use < rows.optionUses[option + 1]!; use++) {
      const k = desk.local[rows.useAccounts[use]!]!
      used[k] = used[k]! + rows.useAmounts[use]!
    }
  }
  const limits = scratch.doubles(count)
  const floors = scratch.doubles(count)
  const ownPrices = scratch.doubles(count)
  for (let k = 0; k < count; k++) {
    const account = desk.accounts[k]!
    limits[k] = used[k]! + shareOfRoom(place, region, lane, account)
    if (rows.floors[account]! > 0)
      floors[k] = Math.max(0, used[k]! - shareOfSurplus(place, region, lane, account))
    ownPrices[k] = prices[account]!
  }
  return { rows: { limits, floors }, prices: ownPrices }
}

/**
 * What a region may use of an account's room: an equal part if that is worth having, that is, as much as
 * a typical use; else all or nothing, by the lots drawn in the survey.
 */
function shareOfRoom(place: Workplace, region: number, lane: number, account: number): number {
  const room = place.room[lane * place.rows.limits.length + account]!
  if (place.figures[FIGURE.regions] === 1) return room
  const users = place.users[account]!
  const share = Math.floor(room / users)
  const isOwner = ownerOf(place, account) === region
  if (share < place.typicalUses[account]!) return isOwner ? room : 0
  return isOwner ? room - share * (users - 1) : share
}

/** By how much a region may lower its use of an account with a floor; less than 0 is what it should add. */
function shareOfSurplus(place: Workplace, region: number, lane: number, account: number): number {
  const { rows, room } = place
  const used = rows.limits[account]! - room[lane * rows.limits.length + account]!
  const isOwner = place.figures[FIGURE.regions] === 1 || ownerOf(place, account) === region
  return isOwner ? used - rows.floors[account]! : 0
}
