/** What each match takes, from which account, and which account receives it: its bundle in the ledger. */
import type { TransactionContext } from '../../platform/context.ts'
import { type AccountName, ensureAccounts } from '../../platform/ledger/accounts.ts'
import type { Bundle } from '../../platform/ledger/post-transfers.ts'
import type { Use } from '../../platform/ledger/write-postings.ts'
import { subsidyCapOwner } from '../programs/subsidy-cap.ts'
import type { Choice } from './run-protocol.ts'

export interface Wanted {
  /** Of the match, and of its bundle in the ledger. */
  id: string
  choice: Choice
}

/** Opens the accounts that receive, and the per-resident caps, and names every use of every match. */
export async function bundlesOf(
  ctx: TransactionContext,
  period: string,
  units: Map<string, string>,
  wanted: Wanted[],
): Promise<Bundle[]> {
  const needed = new Map<string, AccountName & { limit: number }>()
  const name = (kind: AccountName['kind'], ownerId: string, unit: string, limit = 0) => {
    const key = `${kind} ${ownerId} ${unit}`
    if (!needed.has(key)) needed.set(key, { kind, ownerId, period, unit, limit })
    return key
  }
  const drafts = wanted.map(({ id, choice }) => ({ id, uses: usesOf(choice, units, ctx.currency, name) }))
  const keys = [...needed.keys()]
  const opened = await ensureAccounts(ctx, [...needed.values()])
  const accountOf = new Map(keys.map((key, index) => [key, opened[index]!]))
  return drafts.map(({ id, uses }) => ({
    id,
    uses: uses.map(
      ({ debit, credit, amount }): Use => ({
        debitId: accountOf.get(debit) ?? debit,
        creditId: accountOf.get(credit)!,
        amount,
      }),
    ),
  }))
}

interface DraftUse {
  /** An account id, or the key of an account to be opened. */
  debit: string
  credit: string
  amount: number
}

type Namer = (kind: AccountName['kind'], ownerId: string, unit: string, limit?: number) => string

function usesOf(choice: Choice, units: Map<string, string>, currency: string, name: Namer): DraftUse[] {
  const { providerId, programId, residentId } = choice
  const unit = units.get(choice.offeringId)!
  const uses: DraftUse[] = [
    { debit: choice.capacityAccountId, credit: name('consumed', providerId, unit), amount: choice.quantity },
  ]
  if (choice.staffTime) {
    const { accountId, minutes } = choice.staffTime
    uses.push({ debit: accountId, credit: name('consumed', providerId, 'minute'), amount: minutes })
  }
  if (choice.fundAccountId && programId) {
    uses.push({
      debit: choice.fundAccountId,
      credit: name('receivable', providerId, currency),
      amount: choice.subsidy,
    })
    if (choice.residentCap !== null) {
      const debit = name('subsidy_cap', subsidyCapOwner(programId, residentId), currency, choice.residentCap)
      uses.push({ debit, credit: name('consumed', programId, currency), amount: choice.subsidy })
    }
  }
  if (choice.walletAccountId) {
    uses.push({
      debit: choice.walletAccountId,
      credit: name('receivable', providerId, currency),
      amount: choice.copayment,
    })
  }
  return uses.filter(({ amount }) => amount > 0)
}
