/** Differences between policies: complete, in words, and the way from one document to the other. */
import type { z } from '@hono/zod-openapi'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DEFAULT_POLICY } from '../../../src/features/policies/default-policy.ts'
import { FIGURES_WITH_WORDS } from '../../../src/features/policies/difference-words.ts'
import {
  differenceBetween,
  type Figure,
  figuresOf,
} from '../../../src/features/policies/policy-difference.ts'
import { Category, type Floor, PolicyDocument, Tier } from '../../../src/features/policies/schemas.ts'

const { document: DEFAULT } = DEFAULT_POLICY
const AREAS = ['01890000-0000-7000-8000-000000000001', '01890000-0000-7000-8000-000000000002']

const percent = fc.integer({ min: 0, max: 1000 })
const optional = { requiredKeys: [] as [] }
const speed = fc.integer({ min: 1, max: 50 }).map((tenths) => tenths / 10)
const group = fc.oneof(
  fc.record({ by: fc.constant('tier' as const), value: fc.constantFrom(...Tier.options) }),
  fc.record({ by: fc.constant('category' as const), value: fc.constantFrom(...Category.options) }),
  fc.record({
    by: fc.constant('income_class' as const),
    value: fc.constantFrom('low' as const, 'lower_middle' as const, 'general' as const),
  }),
  fc.record({ by: fc.constant('area' as const), value: fc.constantFrom(...AREAS) }),
)
const floors: fc.Arbitrary<Floor[]> = fc.uniqueArray(
  fc.record({ group, share: fc.integer({ min: 0, max: 100 }) }),
  { selector: (floor) => `${floor.group.by} ${floor.group.value}`, maxLength: 4 },
)

const required = fc.record({
  tierWeights: fc.record({ basic: percent, inclusive: percent, personalized: percent }),
  urgency: fc.record(
    {
      waitingPerWeek: percent,
      waitingCap: percent,
      perCareLevel: percent,
      priority: fc.record({ urgent: percent, high: percent, medium: percent }),
    },
    { requiredKeys: ['waitingPerWeek', 'waitingCap', 'perCareLevel'] },
  ),
  suitability: fc
    .tuple(
      fc.record({
        base: percent,
        walking: percent,
        tierFit: percent,
        language: percent,
        affordability: percent,
      }),
      fc.record({ caregiverGender: percent, sector: percent, continuity: percent }, optional),
    )
    .map(([always, sometimes]) => ({ ...always, ...sometimes })),
  reach: fc.record({
    onsiteMinutes: fc.integer({ min: 1, max: 120 }),
    homeMinutes: fc.integer({ min: 1, max: 240 }),
    metersPerSecond: fc.record({ independent: speed, slow: speed, homebound: speed }),
    detourFactor: fc.constantFrom(1, 1.3, 3),
  }),
  optionsPerNeed: fc.integer({ min: 1, max: 1000 }),
  bookableTiers: fc.shuffledSubarray([...Tier.options]),
  decisionDays: fc.integer({ min: 1, max: 60 }),
})
const document: fc.Arbitrary<PolicyDocument> = fc
  .tuple(
    required,
    fc.record(
      {
        order: fc.constantFrom('weighted' as const, 'by_tier' as const),
        coolOffDays: fc.integer({ min: 1, max: 365 }),
        floors,
      },
      optional,
    ),
  )
  .map(([always, sometimes]) => ({ ...always, ...sometimes }) as PolicyDocument)

/** What a document says, floors of nothing aside: they promise nothing. */
function said(given: PolicyDocument): Record<string, Figure> {
  return withoutEmptyFloors(figuresOf(given))
}

function withoutEmptyFloors(figures: Record<string, Figure>): Record<string, Figure> {
  return Object.fromEntries(
    Object.entries(figures).filter(([path, figure]) => !(path.startsWith('/floors/') && figure === 0)),
  )
}

/** The paths of everything that the schema names, however deep. */
function pathsOf(schema: z.ZodType, at = ''): string[] {
  const inner = 'unwrap' in schema && !('element' in schema) ? (schema as z.ZodOptional).unwrap() : schema
  if (!('shape' in inner)) return [at]
  const { shape } = inner as z.ZodObject
  return Object.entries(shape).flatMap(([name, part]) => pathsOf(part as z.ZodType, `${at}/${name}`))
}

describe('the difference between two policies', () => {
  it('is generated from documents of the schema', () => {
    fc.assert(
      fc.property(document, (one) => {
        expect(PolicyDocument.parse(one)).toEqual(one)
      }),
    )
  })

  it('has words for every field of the schema, and for no other', () => {
    const own = ['/order', '/bookableTiers', '/floors']
    const paths = pathsOf(PolicyDocument)
    expect(paths.length).toBeGreaterThan(25)
    expect(paths.filter((path) => !own.includes(path)).toSorted()).toEqual(FIGURES_WITH_WORDS.toSorted())
  })

  it('is nothing between a document and itself, however it is written', () => {
    fc.assert(
      fc.property(document, (one) => {
        const { bookableTiers, floors = [] } = one
        const turned = { ...one, bookableTiers: bookableTiers.toReversed(), floors: floors.toReversed() }
        expect(differenceBetween(one, turned)).toEqual([])
      }),
    )
    const { coolOffDays: _, floors: __, ...rest } = DEFAULT
    expect(differenceBetween(DEFAULT, { ...rest, order: 'weighted' })).toEqual([])
  })

  it('leads from one to the other: applied to the first, it gives the second', () => {
    fc.assert(
      fc.property(document, document, (one, other) => {
        const differences = differenceBetween(one, other)
        const applied = figuresOf(one)
        for (const { path, before, after } of differences) {
          expect(applied[path] ?? 0).toBe(before)
          applied[path] = after
        }
        expect(withoutEmptyFloors(applied)).toEqual(said(other))
      }),
      { numRuns: 500 },
    )
  })

  it('is said in whole sentences that name both figures', () => {
    fc.assert(
      fc.property(document, document, (one, other) => {
        for (const { sentence, before, after, path } of differenceBetween(one, other)) {
          expect(sentence).toMatch(/^[A-Z].*\.$/)
          expect(sentence).not.toMatch(/undefined|null|_|The figure/)
          const isFigure = typeof after === 'number' && !path.startsWith('/floors/')
          if (isFigure) expect(sentence).toMatch(new RegExp(`from ${before} to ${after}\\b`))
        }
      }),
    )
  })

  it.each([
    [
      'a weight',
      { tierWeights: { ...DEFAULT.tierWeights, basic: 400 } },
      'The weight of a guaranteed (basic) need rises from 300 to 400.',
    ],
    [
      'a speed',
      { reach: { ...DEFAULT.reach, metersPerSecond: { ...DEFAULT.reach.metersPerSecond, slow: 0.7 } } },
      'The speed reckoned with for those who walk slowly falls from 0.8 to 0.7 meters a second.',
    ],
    [
      'the order',
      { order: 'by_tier' },
      'The tiers are served one after the other, and no longer compete by their weights.',
    ],
    [
      'what may be booked',
      { bookableTiers: [] },
      'Residents may no longer book individual (personalized) needs themselves.',
    ],
    [
      'a new floor',
      { floors: [{ group: { by: 'income_class', value: 'lower_middle' }, share: 30 }] },
      'At least 30 percent of the needs of those whose income class is lower middle are to be met.',
    ],
    [
      'a priority',
      { urgency: { ...DEFAULT.urgency, priority: undefined } },
      'What being urgent adds to a need falls from 100 to 0 percent.',
    ],
  ] as [string, Partial<PolicyDocument>, string][])('says %s', (_, change, sentence) => {
    expect(differenceBetween(DEFAULT, { ...DEFAULT, ...change })[0]?.sentence).toBe(sentence)
  })

  it('says that a floor rises, falls and goes', () => {
    const floored = (share: number): PolicyDocument => ({
      ...DEFAULT,
      floors: [{ group: { by: 'tier', value: 'basic' }, share }],
    })
    const sentence = (before: number, after: number) =>
      differenceBetween(floored(before), floored(after)).map((one) => one.sentence)
    expect(sentence(30, 40)).toEqual([
      'The share of all guaranteed (basic) needs that is met at least rises from 30 to 40 percent.',
    ])
    expect(sentence(40, 0)).toEqual([
      'It is no longer promised that at least 40 percent of all guaranteed (basic) needs are met.',
    ])
  })
})
