/** One file of a feed, wherever it lies. */
export interface FeedFile {
  /** Path inside the feed, with `/`. */
  name: string
  /** The bytes, from the beginning each time it is called. */
  open(): AsyncIterable<Uint8Array>
}
