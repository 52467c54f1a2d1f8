// 幸福码: fetches the next code when this one has ended; without it, 换一个 does.
(() => {
  const wait = () => {
    const left = Number(document.getElementById("code")?.dataset.seconds ?? 60);
    setTimeout(next, (left + 1) * 1000);
  };
  const next = async () => {
    try {
      const answer = await fetch(location.href, { credentials: "same-origin" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const main = page.getElementById("code") && page.getElementById("main");
      if (!main) return location.reload();
      document.getElementById("main").replaceWith(document.importNode(main, true));
    } catch {
      // No connection: the old code stays, and is refused when it is scanned.
    }
    wait();
  };
  wait();
})();
