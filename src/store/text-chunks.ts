/** Much text, gathered as the bytes that will be written: a text that only grows would be carried along in thousands of pieces. */

const chunk = 65_536;

export interface TextChunks {
  add(text: string): void;
  /** All that was added; it begins anew. */
  take(): Buffer[];
}

export const textChunks = (): TextChunks => {
  let chunks: Buffer[] = [];
  let text = '';
  const flush = (): void => {
    if (text !== '') chunks.push(Buffer.from(text));
    text = '';
  };
  return {
    add(more) {
      text += more;
      if (text.length >= chunk) flush();
    },
    take() {
      flush();
      const all = chunks;
      chunks = [];
      return all;
    },
  };
};
