import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createReferenceSeal } from '../../../src/features/residents/sealed-reference.ts'

const seal = createReferenceSeal(Buffer.alloc(32, 1))
const other = createReferenceSeal(Buffer.alloc(32, 2))

describe('a sealed reference', () => {
  it('opens to what went in, for its own resident only', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (reference) => {
        const sealed = seal.seal('r1', reference)
        expect(seal.open('r1', sealed)).toBe(Buffer.from(reference).toString())
        expect(() => seal.open('r2', sealed)).toThrow()
      }),
    )
  })

  it('shows nothing of the reference, and differs each time', () => {
    const sealed = seal.seal('r1', 'person-4711')
    expect(sealed).not.toContain('4711')
    expect(seal.seal('r1', 'person-4711')).not.toBe(sealed)
  })

  it('refuses a changed seal, and says when another key sealed it', () => {
    const sealed = seal.seal('r1', 'person-4711')
    const parts = sealed.split('.')
    const text = Buffer.from(parts[4]!, 'base64url')
    text[0]! ^= 1
    expect(() => seal.open('r1', [...parts.slice(0, 4), text.toString('base64url')].join('.'))).toThrow()
    expect(() => other.open('r1', sealed)).toThrow(/LIFECIRCLE_ENCRYPTION_KEY/)
  })

  it('is found again by its hash, which differs by partner and key', () => {
    expect(seal.hash('a', 'person')).toBe(createReferenceSeal(Buffer.alloc(32, 1)).hash('a', 'person'))
    expect(seal.hash('a', 'person')).toMatch(/^[0-9a-f]{64}$/)
    const hashes = [seal.hash('a', 'person'), seal.hash('b', 'person'), other.hash('a', 'person')]
    expect(new Set(hashes).size).toBe(3)
  })
})
