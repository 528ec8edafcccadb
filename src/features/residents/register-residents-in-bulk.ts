import type { Context } from '../../platform/context.ts'
import { chunks } from '../../platform/db/chunks.ts'
import { type FieldError, Refusal } from '../../platform/errors.ts'
import { invalidInput } from '../../platform/http/router.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { findAreasAt } from '../communities/find-area-at.ts'
import { findAreasByCode } from '../communities/find-areas-by-code.ts'
import { permit } from '../identity/permissions.ts'
import { type BulkRow, type BulkType, readBulkRows } from './bulk-rows.ts'
import { type BulkOutcome, type BulkReport, BulkResident } from './fact-schemas.ts'
import { NO_OUTLINE } from './home-areas.ts'
import { knownResidents, refuseImpossible, registerResidents } from './register-residents.ts'
import { RegisterResidents } from './schemas.ts'
import { createReferenceSeal } from './sealed-reference.ts'

const MOST_ROWS = 10_000
const ROWS_PER_TRANSACTION = 300

/** A row on its way in: what it says, and what has become of it. */
interface Entry {
  line: number
  resident: BulkResident | null
  flaws: FieldError[]
  /** Set once the resident is there. */
  residentId: string | null
  isNew: boolean
}

/**
 * Registers residents of the actor's app from a file, each row for itself: a flawed one does not keep the others out.
 * A resident whose reference is known is left as it is, so that sending a file again changes nothing.
 * @throws Refusal `invalid_input` for a header that cannot be used, or more than 10,000 rows.
 */
export async function registerResidentsInBulk(
  ctx: Context,
  { type, bytes }: { type: BulkType; bytes: Uint8Array },
): Promise<BulkReport> {
  permit(ctx, 'resident.register')
  const rows = await readBulkRows(type, bytes)
  if (rows.length > MOST_ROWS) {
    const message = `has ${rows.length} rows; send at most ${MOST_ROWS} at a time`
    throw invalidInput([{ path: [], message }])
  }
  const entries = rows.map((row) => readRow(ctx, row))
  refuseRepeats(entries)
  await findKnown(ctx, entries)
  for (const entry of waiting(entries)) judge(entry, () => refuseImpossible(ctx, [entry.resident!]))
  await findAreas(ctx, waiting(entries))
  for (const batch of chunks(waiting(entries), ROWS_PER_TRANSACTION)) await registerBatch(ctx, batch)
  return reportOf(entries)
}

/** Those of which nothing is decided yet. */
function waiting(entries: readonly Entry[]): Entry[] {
  return entries.filter(({ residentId, flaws }) => residentId === null && flaws.length === 0)
}

function readRow(ctx: Context, row: BulkRow): Entry {
  const entry: Entry = { line: row.line, resident: null, flaws: [], residentId: null, isNew: false }
  if ('flaw' in row) return { ...entry, flaws: [row.flaw] }
  judge(entry, () => {
    const { areaCode, ...resident } = parseInput(BulkResident, row.value)
    const alone = { organizationId: ctx.actor.organizationId, residents: [resident] }
    entry.resident = { ...parseInput(RegisterResidents, alone).residents[0]!, areaCode }
  })
  return entry
}

/** What the work refuses is a flaw of the entry. */
function judge(entry: Entry, work: () => void): void {
  try {
    work()
  } catch (error) {
    for (const { flaw } of flawsOf(error)) entry.flaws.push(flaw)
  }
}

/** The flaws that a refusal names, with the place of their row in the list that was refused. */
function flawsOf(error: unknown): { at: number; flaw: FieldError }[] {
  if (!(error instanceof Refusal) || error.code !== 'invalid_input') throw error
  return error.errors.map(({ pointer, message }) => {
    const [, at = '0', inRow = pointer] = /^\/residents\/(\d+)(.*)$/.exec(pointer) ?? []
    return { at: Number(at), flaw: { pointer: inRow, message } }
  })
}

/** Two rows of one resident might say different things: the first counts, whatever becomes of it. */
function refuseRepeats(entries: readonly Entry[]): void {
  const first = new Map<string, number>()
  for (const { resident, flaws, line } of entries) {
    if (!resident) continue
    const before = first.get(resident.reference)
    if (before === undefined) first.set(resident.reference, line)
    else flaws.push({ pointer: '/reference', message: `stands in line ${before} already` })
  }
}

async function findKnown(ctx: Context, entries: readonly Entry[]): Promise<void> {
  const { organizationId } = ctx.actor
  const { hash } = createReferenceSeal(ctx.encryptionKey)
  const hashes = new Map(
    waiting(entries).map((entry) => [hash(organizationId, entry.resident!.reference), entry]),
  )
  const known = await knownResidents(ctx, organizationId, [...hashes.keys()])
  for (const [referenceHash, residentId] of known) hashes.get(referenceHash)!.residentId = residentId
}

/** For the whole file at once: the outlines around it are large. */
async function findAreas(ctx: Context, entries: readonly Entry[]): Promise<void> {
  const codes = entries.flatMap(({ resident }) => resident!.areaCode ?? [])
  const byCode = await findAreasByCode(ctx, codes)
  const nameless = entries.filter(({ resident }) => !resident!.areaId && !resident!.areaCode)
  const around = await findAreasAt(
    ctx,
    nameless.map(({ resident }) => resident!.point),
  )
  const byPoint = new Map(nameless.map((entry, at) => [entry, around[at]!]))
  for (const entry of entries) {
    const { areaId, areaCode } = entry.resident!
    const found = areaId ?? (areaCode ? byCode.get(areaCode) : byPoint.get(entry))
    if (found) entry.resident!.areaId = found
    else if (areaCode) entry.flaws.push({ pointer: '/areaCode', message: 'there is no such area' })
    else entry.flaws.push({ pointer: '/areaId', message: NO_OUTLINE })
  }
}

/** In one transaction; what only the database can tell of a row keeps out that row, and the others are tried again. */
async function registerBatch(ctx: Context, batch: readonly Entry[]): Promise<void> {
  const { organizationId } = ctx.actor
  for (let left = [...batch]; left.length > 0; left = waiting(left)) {
    const wanted = left.map(({ resident }) => {
      const { areaCode: _areaCode, ...fields } = resident!
      return fields
    })
    try {
      const { ids, isNew } = await registerResidents(ctx, { organizationId, residents: wanted })
      for (const [at, entry] of left.entries())
        Object.assign(entry, { residentId: ids[at], isNew: isNew[at] })
    } catch (error) {
      const found = flawsOf(error)
      // A refusal of the database names no row: without one, trying again would never end.
      if (found.length === 0) throw error
      for (const { at, flaw } of found) left[at]!.flaws.push(flaw)
    }
  }
}

function reportOf(entries: readonly Entry[]): BulkReport {
  const outcomes = entries.map(({ line, residentId, isNew, flaws }): BulkOutcome => {
    const outcome = residentId === null ? 'refused' : isNew ? 'registered' : 'existing'
    return { line, outcome, residentId, flaws }
  })
  const count = (wanted: BulkOutcome['outcome']) =>
    outcomes.filter(({ outcome }) => outcome === wanted).length
  return {
    rows: outcomes.length,
    registered: count('registered'),
    existing: count('existing'),
    refused: count('refused'),
    outcomes,
  }
}
