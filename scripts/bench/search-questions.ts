/** The questions of `bench-search`: a mix of what people ask a directory, drawn with a seed. */
import { createRandom } from '../../src/engine/random.ts'
import type { SearchOfferings } from '../../src/features/search/schemas.ts'
import { areaIdOf, CITY, PERIOD, TERMS } from './search-catalog.ts'

export interface Question {
  kind: string
  question: SearchOfferings
}

const WORDS = [
  'bathing',
  'day care',
  'lotus garden',
  '日間照顧',
  '物理治療',
  'riverside meal',
  '失智',
  'house 123',
  '大安區',
]

/** `count` questions, the kinds in turn. */
export function drawQuestions(count: number, seed: number): Question[] {
  const random = createRandom(seed)
  const below = (most: number) => random.below(most)
  const one = <T>(values: readonly T[]): T => values[below(values.length)]!
  const near = () => ({
    near: {
      latitude: Number((CITY.south + (random.below(1_000_000) / 1e6) * CITY.height).toFixed(5)),
      longitude: Number((CITY.west + (random.below(1_000_000) / 1e6) * CITY.width).toFixed(5)),
    },
    minutes: 15,
    state: 'published' as const,
  })
  const term = () => one(TERMS)
  const kinds: Record<string, () => SearchOfferings> = {
    near: () => near(),
    'near + term + mode': () => ({ ...near(), term: term(), mode: 'onsite' }),
    'near + facts + language': () => ({ ...near(), age: 70, careLevel: 3, mobility: 'slow', language: 'zh' }),
    'near + free + price': () => ({ ...near(), freeIn: PERIOD, maxPrice: 3000 }),
    'near + text': () => ({ ...near(), q: one(WORDS) }),
    'near + open': () => ({ ...near(), openAt: '2026-12-07T02:30:00Z', tier: 'basic' }),
    text: () => ({ q: one(WORDS), state: 'published' }),
    'text + kind': () => ({ q: one(WORDS), category: 'medical', tier: 'inclusive' }),
    kind: () => ({ term: term(), tier: 'basic', sector: 'ngo', priceType: 'fixed' }),
    'area + term': () => ({ areaId: areaIdOf(1 + below(100)), term: term() }),
    'area + term + free': () => ({ areaId: areaIdOf(1 + below(100)), term: term(), freeIn: PERIOD }),
    everything: () => ({}),
  }
  const names = Object.keys(kinds)
  return Array.from({ length: count }, (_, at) => {
    const kind = names[at % names.length]!
    return { kind, question: kinds[kind]!() }
  })
}
