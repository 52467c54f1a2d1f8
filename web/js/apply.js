// 申请 A question that does not apply to what is typed is taken out of sight: the
// house says which; without this script it is shown with its condition in words.
'use strict';
(() => {
  const form = document.querySelector('form[data-asked]');
  const sometimes = [...document.querySelectorAll('[data-when]')];
  if (!form || sometimes.length === 0) return;
  let timer;
  const ask = async () => {
    try {
      const body = new URLSearchParams(new FormData(form));
      const told = await fetch(form.dataset.asked, { method: 'POST', body });
      if (!told.ok) return;
      const off = new Set(await told.json());
      for (const one of sometimes) one.hidden = one.dataset.when.split(' ').every((field) => off.has(field));
    } catch { /* no line: everything stays in sight */ }
  };
  form.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(ask, 400); });
  ask();
})();
