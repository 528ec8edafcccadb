import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTextIndexBuilder } from '../../../src/features/search/text-index.ts'
import { tokensOfWord, wordsOf } from '../../../src/features/search/text-tokens.ts'

const TEXTS = [
  { strong: 'Day care', weak: 'Sunny House' },
  { strong: 'Night respite', weak: 'Day care center Riverside' },
  { strong: '日間照顧中心', weak: '臺北市大安區和平東路' },
  { strong: '居家沐浴', weak: '新北市' },
  { strong: 'Physiotherapy', weak: 'Café Müller' },
]

function search(query: string): number[] {
  const builder = createTextIndexBuilder()
  for (const text of TEXTS) builder.add(text)
  const points = builder.build().points(wordsOf(query), Uint32Array.from(TEXTS.keys()))
  return [...points.keys()].filter((at) => points[at]! > 0).sort((a, b) => points[b]! - points[a]! || a - b)
}

describe('words', () => {
  it('are folded, and CJK runs stand alone', () => {
    expect(wordsOf('Day-Care ＡＢ７ Café')).toEqual(['day', 'care', 'ab7', 'cafe'])
    expect(wordsOf('A單位:台北市2樓')).toEqual(['a', '單位', '臺北市', '2', '樓'])
    expect(wordsOf('… !')).toEqual([])
  })

  it('are cut into pairs or trigrams', () => {
    expect(tokensOfWord('日間照')).toEqual(['日間', '間照'])
    expect(tokensOfWord('浴')).toEqual(['浴'])
    expect(tokensOfWord('care')).toEqual(['  c', ' ca', 'car', 'are', 're '])
  })
})

describe('a query', () => {
  it('finds names before other texts', () => {
    expect(search('day care')).toEqual([0, 1])
  })

  it('needs all of its words', () => {
    expect(search('day riverside')).toEqual([1])
    expect(search('day physiotherapy')).toEqual([])
  })

  it('forgives slips, endings and accents', () => {
    expect(search('physioterapy')).toEqual([4])
    expect(search('respites')).toEqual([1])
    expect(search('cafe muller')).toEqual([4])
  })

  it('finds Chinese by any part, also in the other spelling of 臺', () => {
    expect(search('照顧')).toEqual([2])
    expect(search('日間照顧')).toEqual([2])
    expect(search('台北')).toEqual([2])
    expect(search('浴')).toEqual([3])
    expect(search('物理')).toEqual([])
  })
})

it('gives few texts the points that it gives them among all', () => {
  const text = fc.array(fc.constantFrom('day', 'care', 'house', '日間', '照顧', 'bath'), { maxLength: 5 })
  const query = fc.constantFrom('day', 'care house', '日間照顧', 'bat', '顧', 'day care bath')
  const some = fc.uniqueArray(fc.nat(299), { minLength: 1, maxLength: 5 })
  let found = 0
  fc.assert(
    fc.property(fc.array(text, { minLength: 300, maxLength: 300 }), query, some, (texts, q, among) => {
      const builder = createTextIndexBuilder()
      for (const words of texts)
        builder.add({ strong: words.slice(2).join(' '), weak: words.slice(0, 2).join('') })
      const index = builder.build()
      const all = index.points(wordsOf(q), Uint32Array.from(texts.keys())).slice()
      const few = index.points(wordsOf(q), Uint32Array.from(among).sort())
      for (const at of among) {
        expect(few[at]).toBe(all[at])
        found += Math.min(1, few[at]!)
      }
    }),
    { seed: 6, numRuns: 100 },
  )
  expect(found).toBeGreaterThan(30)
})
