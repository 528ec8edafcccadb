import { expect, test } from 'vitest'
import type { StatementRow } from '../../../src/features/settlement/get-statement.ts'
import type { LineRow } from '../../../src/features/settlement/list-statement-lines.ts'
import { statementPage } from '../../../src/features/settlement/statement-page.ts'

const statement: StatementRow = {
  id: 's',
  settlementId: 't',
  programId: 'p',
  providerId: 'o',
  period: '2026-12',
  currency: 'TWD',
  lines: 1,
  price: 1_234_500,
  subsidy: 1_000_000,
  copayment: 234_500,
  createdAt: new Date('2026-12-31T16:00:00Z'),
}
const line: LineRow = {
  id: 'l',
  statementId: 's',
  deliveryId: 'd',
  matchId: 'm',
  kind: 'delivery',
  units: 3,
  price: 1_234_500,
  subsidy: 1_000_000,
  copayment: 234_500,
}

async function shown(more: Partial<StatementRow>, lines: LineRow[]): Promise<string> {
  const parties = { program: 'Care & more', purchaser: 'Office', provider: '<House>' }
  const page = statementPage({
    statement: { ...statement, ...more },
    parties,
    lines,
    timeZone: 'Asia/Taipei',
  })
  return (await page.main).toString()
}

test('a statement says who owes whom how much, on which day of the deployment’s zone', async () => {
  const page = await shown({}, [line])
  expect(page).toContain('The provider is owed 12,345.00 TWD')
  expect(page).toContain('<dd>2027-01-01</dd>')
  expect(page).toContain('Care &amp; more')
  expect(page).toContain('&lt;House&gt;')
  expect(page).toContain('Sum of 1 lines')
  expect(page).not.toContain('role="note"')
})

test('one that takes back more than it pays says so', async () => {
  const back = { ...line, kind: 'correction', units: -3, price: -1_234_500 } as const
  const page = await shown({ price: -1_234_500, subsidy: -1_000_000, copayment: -234_500 }, [back])
  expect(page).toContain('The provider pays back 12,345.00 TWD')
  expect(page).toContain('Taken back: d')
  expect(page).toContain('-12,345.00 TWD')
})

test('one with more lines than a page takes says how many are not there, and where they are', async () => {
  const page = await shown({ lines: 12_345 }, [line])
  expect(page).toContain('the first 1 of 12,345 lines')
  expect(page).toContain('href="lines.csv"')
  expect(page).toContain('Sum of 12,345 lines')
})
