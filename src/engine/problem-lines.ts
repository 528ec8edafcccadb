import type { Problem } from './problem.ts'
import { createSha256 } from './sha256.ts'

/** The problem as NDJSON, line by line: a header with the accounts, then every resident. */
export function* problemNdjson(problem: Problem): Generator<string> {
  const { accounts, residents } = problem.names
  yield `${header(problem)},"residentCount":${residents.length}}\n`
  const line = residentLines(problem, accounts)
  for (let resident = 0; resident < residents.length; resident++) yield `${line(resident)}\n`
}

/** The problem as one JSON object, in pieces. */
export function* problemJson(problem: Problem): Generator<string> {
  const { accounts, residents } = problem.names
  yield `${header(problem)},"residents":[`
  const line = residentLines(problem, accounts)
  for (let resident = 0; resident < residents.length; resident++) {
    yield `${resident === 0 ? '\n' : ',\n'}${line(resident)}`
  }
  yield '\n]}\n'
}

/**
 * What tells this problem from any other, whatever form its file has: the SHA-256 of its canonical lines,
 * which are those of NDJSON without `residentCount`.
 */
export function problemDigest(problem: Problem): string {
  const sha = createSha256().text(`${header(problem)}}\n`)
  const line = residentLines(problem, problem.names.accounts)
  for (let resident = 0; resident < problem.names.residents.length; resident++) {
    sha.text(line(resident)).text('\n')
  }
  return sha.digest()
}

/** All of the header but its closing brace. */
function header({ names, limits, floors }: Problem): string {
  const accounts = names.accounts.map((id, k) => accountText(id, limits[k]!, floors[k]!))
  return `{"format":"lifecircle-problem/1","accounts":[${accounts.join(',')}]`
}

/** A floor of 0 is not written: it asks for nothing, and a problem without floors keeps its digest. */
function accountText(id: string, limit: number, floor = 0): string {
  return `{"id":${JSON.stringify(id)},"limit":${limit}${floor > 0 ? `,"floor":${floor}` : ''}}`
}

/**
 * Writes residents as text. By hand, because an object would list a name such as "7" before "fund:A": uses
 * stand in the order of their accounts here, whoever writes them.
 */
function residentLines(problem: Problem, accounts: readonly string[]): (resident: number) => string {
  const { names } = problem
  const quotedAccounts = accounts.map((id) => JSON.stringify(id))

  const option = (o: number): string => {
    let uses = ''
    for (let use = problem.optionUses[o]!; use < problem.optionUses[o + 1]!; use++) {
      const id = quotedAccounts[problem.useAccounts[use]!]!
      uses += `${uses === '' ? '' : ','}${id}:${problem.useAmounts[use]}`
    }
    let own = ''
    for (let use = problem.optionPrivateUses[o]!; use < problem.optionPrivateUses[o + 1]!; use++) {
      const id = JSON.stringify(names.privateAccounts.at(problem.privateUseAccounts[use]!))
      own += `${own === '' ? '' : ','}${id}:${problem.privateUseAmounts[use]}`
    }
    const id = JSON.stringify(names.options.at(o))
    return `{"id":${id},"utility":${problem.utilities[o]},"uses":{${uses}},"privateUses":{${own}}}`
  }
  const need = (n: number): string => {
    const options = rangeOf(problem.needOptions, n, option)
    return `{"id":${JSON.stringify(names.needs[n])},"options":[${options}]}`
  }
  const account = (k: number): string => accountText(names.privateAccounts.at(k)!, problem.privateLimits[k]!)
  return (resident) => {
    const own = rangeOf(problem.residentAccounts, resident, account)
    const needs = rangeOf(problem.residentNeeds, resident, need)
    return `{"id":${JSON.stringify(names.residents[resident])},"accounts":[${own}],"needs":[${needs}]}`
  }
}

/** The texts of one row's range, separated by commas. */
function rangeOf(starts: Int32Array, row: number, text: (index: number) => string): string {
  const texts: string[] = []
  for (let index = starts[row]!; index < starts[row + 1]!; index++) texts.push(text(index))
  return texts.join(',')
}
