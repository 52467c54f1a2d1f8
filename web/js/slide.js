// 滑块旁边的数 The number beside a slider follows it. Without this file the number is the
// one last counted, and the page counts anew when it is sent.
'use strict';
for (const slide of document.querySelectorAll('input[type="range"][data-says]')) {
  const says = document.getElementById(slide.dataset.says);
  slide.addEventListener('input', () => { says.textContent = slide.value; });
}
