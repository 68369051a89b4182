/** The sizes at which time must grow in step and memory must not grow. */
export const growth = (n: number): number[] => [0.3, 1, 3].map((times) => Math.round(n * times));
