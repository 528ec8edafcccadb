/**
 * Which texts have the words of a query, and how well: an inverted index from tokens to texts. A text's points depend
 * on it and the query alone, never on what else is in the index, so that all processes and all pages agree.
 *
 * Not MiniSearch: with these tokens over 100,000 texts it took 870 MB and 66 … 1,340 ms a query (with whole words and
 * prefixes 20 … 120 ms), because it makes an object for every hit of every token.
 */
import { tokensNeeded, tokensOfTextWord, tokensOfWord, wordsOf } from './text-tokens.ts'

/** What a text is found by: a token in the first part is worth two points, in the second one. */
export interface SearchText {
  strong: string
  weak: string
}

export interface TextIndex {
  /**
   * Points per text, of those in `among` (ascending); 0 where a word of the query is missing. What is not among them
   * may have any. Written over by the next query.
   */
  points(words: readonly string[], among: Uint32Array): Uint16Array
  /** Bytes of the postings. */
  readonly bytes: number
}

export interface TextIndexBuilder {
  /** Adds the next text; they are numbered from 0. */
  add(text: SearchText): void
  build(): TextIndex
}

export function createTextIndexBuilder(): TextIndexBuilder {
  const numbers = new Map<string, number>()
  const lists: number[][] = []
  /** By token, the last text that has it: a text is listed once. */
  const lastText: number[] = []
  const tokensOfWords = new Map<string, number[]>()
  let count = 0

  const numberOf = (token: string) => {
    const known = numbers.get(token)
    if (known !== undefined) return known
    numbers.set(token, lists.length)
    lastText.push(-1)
    return lists.push([]) - 1
  }
  const tokensOf = (word: string) => {
    const known = tokensOfWords.get(word)
    if (known) return known
    const tokens = tokensOfTextWord(word).map(numberOf)
    tokensOfWords.set(word, tokens)
    return tokens
  }
  // A posting is the text's number, doubled, plus one where the token is worth the second point.
  const put = (text: string, extra: 0 | 1) => {
    for (const word of wordsOf(text)) {
      for (const token of tokensOf(word)) {
        if (lastText[token] === count) continue
        lastText[token] = count
        lists[token]!.push(count * 2 + extra)
      }
    }
  }
  return {
    add({ strong, weak }) {
      put(strong, 1)
      put(weak, 0)
      count += 1
    },
    build: () => createTextIndex(numbers, lists, count),
  }
}

/** One text in so many is few: looking for them takes less than reading the lists. */
const FEW = 50

function createTextIndex(numbers: Map<string, number>, lists: number[][], count: number): TextIndex {
  const ends = new Uint32Array(lists.length + 1)
  lists.forEach((list, token) => {
    ends[token + 1] = ends[token]! + list.length
  })
  const postings = new Uint32Array(ends.at(-1)!)
  lists.forEach((list, token) => {
    postings.set(list, ends[token]!)
  })
  // By text, hits in the upper half and points in the lower: one place to write to.
  const sums = new Uint32Array(count)
  const points = new Uint16Array(count)
  return {
    bytes: postings.byteLength,
    points(words, among) {
      points.fill(0)
      words.forEach((word, at) => {
        addWord(word, at === 0, among)
      })
      return points
    },
  }

  function addWord(word: string, isFirst: boolean, among: Uint32Array): void {
    const tokens = tokensOfWord(word)
    const count = among.length * FEW < sums.length ? countHitsAmong : countHits
    sums.fill(0)
    for (const token of tokens) {
      const number = numbers.get(token)
      if (number !== undefined) count(ends[number]!, ends[number + 1]!, among)
    }
    const least = tokensNeeded(tokens.length) << 16
    for (let at = 0; at < among.length; at++) {
      const text = among[at]!
      const sum = sums[text]!
      const stays = sum >= least && (isFirst || points[text]! > 0)
      points[text] = stays ? points[text]! + (sum & 0xffff) : 0
    }
  }

  function countHits(from: number, end: number): void {
    for (let at = from; at < end; at++) {
      const posting = postings[at]!
      const text = posting >>> 1
      sums[text] = sums[text]! + 0x10001 + (posting & 1)
    }
  }

  /** The same for few texts, each looked for in what is left of the list. */
  function countHitsAmong(from: number, end: number, among: Uint32Array): void {
    let low = from
    for (let at = 0; at < among.length && low < end; at++) {
      const wanted = among[at]! * 2
      let high = end
      while (low < high) {
        const middle = (low + high) >>> 1
        if (postings[middle]! < wanted) low = middle + 1
        else high = middle
      }
      const posting = low < end ? postings[low]! : -1
      if (posting >>> 1 === among[at]) sums[among[at]!] = sums[among[at]!]! + 0x10001 + (posting & 1)
    }
  }
}
