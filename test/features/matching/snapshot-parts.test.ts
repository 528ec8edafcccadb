/** What a snapshot is taken apart into, and that nothing gets lost on the way. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { putTogether, takeApart } from '../../../src/features/matching/snapshot-parts.ts'
import { canonicalJson, canonicalPieces } from '../../../src/platform/audit/canonical-json.ts'
import { need, offering, program, resident, snapshot } from './snapshots.ts'

/** Some residents, some needs each, in an order of their own; caps of some drawn upon. */
const towns = fc
  .record({
    needsOf: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 8 }),
    shuffle: fc.infiniteStream(fc.nat(1000)),
    draws: fc.array(fc.record({ whose: fc.nat(7), of: fc.nat(2), amount: fc.nat(5000) }), { maxLength: 6 }),
  })
  .map(({ needsOf, shuffle, draws }) => {
    const residents = needsOf.map((_, at) => resident({ id: `r${at}`, languages: [`l${at}`] }))
    const needs = needsOf.flatMap((count, at) =>
      Array.from({ length: count }, (_, more) => {
        const id = `n${String(shuffle.next().value).padStart(4, '0')} ${at} ${more}`
        return need({ id, residentId: `r${at}`, quantity: more + 1, excludedOfferingIds: [`o${more}`] })
      }),
    )
    const drawn = Object.fromEntries(
      draws
        .filter(({ whose }) => whose < residents.length)
        .map(({ whose, of, amount }) => [`p${of} r${whose}`, amount]),
    )
    const programs = [program({ id: 'p0' }), program({ id: 'p1' })]
    needs.sort((a, b) => (a.id < b.id ? -1 : 1))
    return snapshot({ residents, needs, offerings: [offering()], programs, drawn })
  })

/** As the database gives it back. */
const stored = <T>(value: T): T => JSON.parse(JSON.stringify(value))

describe('a snapshot taken apart', () => {
  it('is the same when it is put together again, byte for byte', () => {
    fc.assert(
      fc.property(towns, (given) => {
        const { common, residents } = takeApart(given)
        const again = putTogether({ common: stored(common), residents: stored([...residents]) })
        expect(canonicalJson(again)).toBe(canonicalJson(given))
      }),
    )
  })

  it('tells of nobody in the common part, and of one resident in each other', () => {
    fc.assert(
      fc.property(towns, (given) => {
        const { common, residents } = takeApart(given)
        const ids = given.residents.map(({ id }) => id)
        const named = (part: object) => {
          const text = JSON.stringify(part)
          return ids.filter((id) => new RegExp(`["\\s]${id}["\\s]`).test(text))
        }
        expect(named(common)).toEqual([])
        for (const [at, part] of [...residents].entries()) expect(named(part)).toEqual([ids[at]])
      }),
    )
  })

  it('misses whoever is taken out, and nothing else', () => {
    const given = snapshot({
      residents: [resident({ id: 'r1' }), resident({ id: 'r2' })],
      needs: [need({ id: 'a', residentId: 'r2' }), need({ id: 'b', residentId: 'r1' })],
      drawn: { 'p1 r1': 5, 'p1 r2': 7 },
    })
    const { common, residents } = takeApart(given)
    const left = [...residents].filter((part) => part.resident.id !== 'r1')
    expect(putTogether({ common, residents: left })).toEqual({
      ...given,
      residents: [given.residents[1]],
      needs: [given.needs[0]],
      drawn: { 'p1 r2': 7 },
    })
  })
})

describe('canonical JSON in pieces', () => {
  it('is the same text at every depth', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.nat(4), (value, depth) => {
        expect([...canonicalPieces(value, depth)].join('')).toBe(canonicalJson(value))
      }),
    )
    const holed = { b: undefined, a: [undefined, { c: undefined }], d: {} }
    expect([...canonicalPieces(holed, 3)].join('')).toBe(canonicalJson(holed))
  })
})
