import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type ConsentReceipt,
  type KnownFacts,
  visibleFacts,
} from '../../../src/features/residents/consented-facts.ts'
import { ConsentFact, ConsentPurpose } from '../../../src/features/residents/schemas.ts'

const NOW = new Date('2026-12-01T08:00:00Z')
const PERIOD = '2026-12'
const LOOK = { purpose: 'matching', recipientId: 'us', now: NOW, period: PERIOD } as const
const OPEN = { recipientId: null, expiresAt: null, withdrawnAt: null }
const given = (at: string) => new Date(`2026-${at}T08:00:00Z`)

const RESIDENT: KnownFacts = {
  latitude: 25.033,
  longitude: 121.543,
  languages: ['zh', 'nan'],
  birthYear: 1948,
  mobility: 'slow',
  assessments: [{ scheme: 'cms', level: 4, validUntil: null }],
  incomeClass: 'low',
  livesAlone: false,
}

const EVERYTHING = {
  point: { latitude: 25.033, longitude: 121.543 },
  languages: ['zh', 'nan'],
  facts: { age: 78, mobility: 'slow', careLevel: 4, incomeClass: 'low', livesAlone: false },
}
const NOTHING = { point: null, languages: [], facts: {} }

function see(...consents: ConsentReceipt[]) {
  return visibleFacts(RESIDENT, consents, LOOK)
}

/** Which of the consented facts can be seen. */
function seen(visible: ReturnType<typeof see>): ConsentFact[] {
  const { age, mobility, careLevel, incomeClass, livesAlone } = visible.facts
  const shows: Record<ConsentFact, boolean> = {
    location: visible.point !== null,
    languages: visible.languages.length > 0,
    birth_year: age !== undefined,
    mobility: mobility !== undefined,
    care_level: careLevel !== undefined,
    income_class: incomeClass !== undefined,
    lives_alone: livesAlone !== undefined,
  }
  return ConsentFact.options.filter((fact) => shows[fact])
}

const receipt = fc.record({
  purpose: fc.constantFrom(...ConsentPurpose.options),
  recipientId: fc.constantFrom(null, 'us', 'somebody else'),
  facts: fc.subarray([...ConsentFact.options]),
  givenAt: fc.date({ min: given('10-01'), max: given('12-31'), noInvalidDate: true }),
  expiresAt: fc.option(fc.date({ min: given('10-01'), max: given('12-31'), noInvalidDate: true })),
  withdrawnAt: fc.option(fc.date({ min: given('10-01'), max: given('12-31'), noInvalidDate: true })),
})

describe('what consents let be seen', () => {
  it('is nothing without one', () => {
    expect(see()).toEqual(NOTHING)
  })

  it.each(ConsentFact.options)('is %s alone with a consent to that', (fact) => {
    expect(seen(see({ purpose: 'matching', facts: [fact], givenAt: given('11-01'), ...OPEN }))).toEqual([
      fact,
    ])
  })

  it('adds up over consents; a fact nobody told stays absent', () => {
    const facts = ConsentFact.options
    const halves = [facts.slice(0, 3), facts.slice(3)]
    const consents = halves.map((half) => ({
      purpose: 'matching' as const,
      facts: half,
      givenAt: given('11-01'),
      ...OPEN,
    }))
    expect(see(...consents)).toEqual(EVERYTHING)
    const untold = { ...RESIDENT, birthYear: null, assessments: [] }
    const visible = visibleFacts(untold, consents, LOOK)
    expect(visible.facts).toEqual({ mobility: 'slow', incomeClass: 'low', livesAlone: false })
  })

  it('ends with the instant of expiry or withdrawal, and begins with the giving', () => {
    const consent = {
      purpose: 'matching' as const,
      facts: ConsentFact.options,
      givenAt: given('11-01'),
      ...OPEN,
    }
    const later = new Date(NOW.getTime() + 1)
    expect(see({ ...consent, expiresAt: NOW })).toEqual(NOTHING)
    expect(see({ ...consent, expiresAt: later })).toEqual(EVERYTHING)
    expect(see({ ...consent, withdrawnAt: NOW })).toEqual(NOTHING)
    expect(see({ ...consent, givenAt: NOW })).toEqual(EVERYTHING)
    expect(see({ ...consent, givenAt: later })).toEqual(NOTHING)
    expect(see({ ...consent, purpose: 'statistics' })).toEqual(NOTHING)
  })

  it('is exactly what some live consent for the purpose names', () => {
    fc.assert(
      fc.property(fc.array(receipt, { maxLength: 5 }), (receipts) => {
        const named = new Set<ConsentFact>()
        for (const { purpose, recipientId, facts, givenAt, expiresAt, withdrawnAt } of receipts) {
          const over = [expiresAt, withdrawnAt].some((end) => end !== null && end.getTime() <= NOW.getTime())
          const toUs = recipientId !== 'somebody else'
          if (purpose === 'matching' && toUs && givenAt.getTime() <= NOW.getTime() && !over) {
            for (const fact of facts) named.add(fact)
          }
        }
        expect(seen(see(...receipts))).toEqual(ConsentFact.options.filter((fact) => named.has(fact)))
      }),
    )
  })
})
