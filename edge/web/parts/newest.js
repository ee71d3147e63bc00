// Answers can overtake each other. Returns begin(): call it with each request; what it returns states whether no later request began.

export function newest() {
  let begun = 0;
  return () => {
    begun += 1;
    const turn = begun;
    return () => turn === begun;
  };
}
